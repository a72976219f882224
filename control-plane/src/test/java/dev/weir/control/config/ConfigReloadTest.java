package dev.weir.control.config;

import static dev.weir.control.config.ConfigFiles.MESH;
import static dev.weir.control.config.ConfigFiles.mesh;
import static dev.weir.control.config.ConfigFiles.pool;
import static dev.weir.control.config.ConfigFiles.poolOf;
import static dev.weir.control.config.ConfigFiles.provider;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.model.Config;
import dev.weir.control.model.Pool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bad object keeps its version in force, the others apply, a deleted one goes. */
final class ConfigReloadTest {
    private static final String BAD = "{endpoint: {host: h, port: 0}}";
    private static final String MOVED =
            "{endpoint: {host: moved, port: 1}, capacity: {workUnitsPerSecond: 1, slots: 1}}";

    @TempDir
    Path directory;

    private ConfigFiles files;
    private LoadedConfig inForce;

    @BeforeEach
    void load() {
        files = new ConfigFiles(directory)
                .write("mesh.yaml", MESH)
                .write("a.yaml", provider("a"))
                .write("b.yaml", provider("b"))
                .write("p.yaml", poolOf("p", "a"))
                .write("q.yaml", poolOf("q", "a", "b"));
        inForce = files.load();
        assertThat(inForce.problems()).isEmpty();
    }

    @Test
    void a_bad_object_stays_as_it_was_and_the_others_apply() {
        files.write("a.yaml", provider("a", BAD)).write("b.yaml", provider("b", MOVED));

        Config config = reload("a.yaml:5: Provider/a: spec.endpoint.port: \"0\"");

        assertThat(config.providers().get("a")).isEqualTo(before().providers().get("a"));
        assertThat(requireNonNull(config.providers().get("b")).endpoint().host())
                .isEqualTo("moved");
    }

    @Test
    void objects_of_a_file_that_cannot_be_read_stay() {
        files.write("a.yaml", provider("a") + "  broken: [").write("b.yaml", provider("b", MOVED));

        Config config = reload("a.yaml:");

        assertThat(config.providers().get("a")).isEqualTo(before().providers().get("a"));
        assertThat(requireNonNull(config.providers().get("b")).endpoint().host())
                .isEqualTo("moved");
    }

    @Test
    void an_object_whose_name_became_wrong_stays_under_its_old_name() {
        files.write("p.yaml", poolOf("'p|q'", "a"));
        assertThat(reload("metadata.name").pools()).containsOnlyKeys("p", "q");
    }

    @Test
    void a_new_object_that_is_bad_is_left_out() {
        files.write("c.yaml", provider("c", BAD)).write("r.yaml", poolOf("r", "nobody"));
        assertThat(reload("c.yaml:5", "r.yaml:5: ProviderPool/r: spec.providers[0].provider: \"nobody\""))
                .isEqualTo(before());
    }

    @Test
    void deleted_objects_go() {
        files.delete("p.yaml").write("q.yaml", poolOf("q", "a")).delete("b.yaml");

        Config config = reload();

        assertThat(config.pools()).containsOnlyKeys("q");
        assertThat(config.providers()).containsOnlyKeys("a");
    }

    @Test
    void a_deleted_provider_that_a_pool_still_names_stays_until_no_pool_does() {
        files.delete("b.yaml");
        assertThat(reload("ProviderPool/q: spec.providers[1].provider: \"b\"")).isEqualTo(before());

        files.write("q.yaml", poolOf("q", "a"));
        assertThat(reload().providers()).containsOnlyKeys("a");
    }

    @Test
    void a_renamed_provider_does_not_take_its_pools_away() {
        files.write("b.yaml", provider("bb"));
        assertThat(reload("\"b\" (expected: the name of a Provider; did you mean bb?)")
                        .providers())
                .containsOnlyKeys("a", "b", "bb");
    }

    @Test
    void a_pool_that_was_changed_to_name_a_provider_that_is_not_there_stays_as_it_was() {
        files.write("p.yaml", poolOf("p", "a", "new")).delete("b.yaml").write("q.yaml", poolOf("q", "a"));

        Config config = reload("p.yaml:5: ProviderPool/p: spec.providers[1].provider: \"new\"");

        assertThat(config.pools().get("p")).isEqualTo(before().pools().get("p"));
        assertThat(config.providers()).containsOnlyKeys("a");
    }

    @Test
    void of_two_pools_with_one_match_the_changed_one_falls_back() {
        files.write("p.yaml", pool("p", "{match: {model: q}, providers: [{provider: a}]}"));
        assertThat(reload("has the same")).isEqualTo(before());
    }

    @Test
    void matches_can_be_swapped() {
        files.write("p.yaml", pool("p", "{match: {model: q}, providers: [{provider: a}]}"))
                .write("q.yaml", pool("q", "{match: {model: p}, providers: [{provider: a}]}"));

        Config config = reload();

        assertThat(requireNonNull(config.pools().get("p")).match()).isEqualTo(new Pool.Match.Model("q"));
        assertThat(requireNonNull(config.pools().get("q")).match()).isEqualTo(new Pool.Match.Model("p"));
    }

    @Test
    void a_swap_of_which_one_half_is_bad_does_not_happen_at_all() {
        files.write("p.yaml", pool("p", "{match: {model: q}, providers: [{provider: a}]}"))
                .write("q.yaml", pool("q", "{match: {model: p}, providers: [{provider: a}], retries: 9}"));
        assertThat(reload("spec.retries", "has the same")).isEqualTo(before());
    }

    @Test
    void what_needs_a_restart_stays_and_is_reported_and_the_rest_of_the_mesh_applies() {
        files.write(
                "mesh.yaml",
                mesh("{xds: {listen: '127.0.0.1:1'}, admin: {listen: '127.0.0.1:2'},"
                        + " store: {path: other.db}, tick: 1s, capacity: {source: chain, chainId: 1, rpc: 'http://h/key',"
                        + " registry: '0x" + "0".repeat(40) + "'}}"));

        Config config = reload(
                "spec.xds.listen: \"127.0.0.1:1\" (expected: 127.0.0.1:18000, which is running; a change needs a restart)",
                "spec.admin.listen: \"127.0.0.1:2\"",
                "spec.store.path: ",
                "spec.capacity: \"chain 1 at http://h, registry");

        assertThat(config.mesh().control().tick()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.mesh())
                .usingRecursiveComparison()
                .ignoringFields("tick")
                .isEqualTo(before().mesh());
        assertThat(inForce.problems().toString()).doesNotContain("/key");
    }

    @Test
    void a_mesh_that_is_gone_doubled_or_bad_stays() {
        files.delete("mesh.yaml");
        assertThat(reload("one object of kind Mesh")).isEqualTo(before());
        files.write("mesh.yaml", MESH).write("mesh2.yaml", MESH.replace("name: m", "name: n"));
        assertThat(reload("one Mesh in all files")).isEqualTo(before());
        files.delete("mesh2.yaml").write("mesh.yaml", mesh("{tick: 0s}"));
        assertThat(reload("spec.tick")).isEqualTo(before());
        files.write("mesh.yaml", MESH.replace("name: m", "name: n"));
        assertThat(reload("metadata.name: \"n\" (expected: m, which is running"))
                .isEqualTo(before());
    }

    @Test
    void a_directory_that_is_empty_or_gone_changes_nothing() throws Exception {
        for (String file : new String[] {"mesh.yaml", "a.yaml", "b.yaml", "p.yaml", "q.yaml"}) {
            files.delete(file);
        }
        assertThat(reload("at least one object")).isEqualTo(before());
        java.nio.file.Files.delete(directory);
        assertThat(reload("a readable directory")).isEqualTo(before());
    }

    /** Whatever is written, and however it is broken, the result fits together, and the good state comes back. */
    @Test
    void random_edits_always_leave_a_consistent_configuration() {
        long seed = 7;
        Random random = new Random(seed);
        Map<String, String> good = Map.of(
                "mesh.yaml",
                MESH,
                "a.yaml",
                provider("a"),
                "b.yaml",
                provider("b"),
                "p.yaml",
                poolOf("p", "a"),
                "q.yaml",
                poolOf("q", "a", "b"));
        String[] texts = {
            "",
            "{{{",
            provider("a"),
            provider("b", BAD),
            provider("c"),
            poolOf("p", "b", "c"),
            poolOf("q", "c"),
            poolOf("p", "zz"),
            pool("q", "{match: {model: p}, providers: [{provider: a}]}"),
            mesh("{tick: 50ms}"),
            mesh("{tick: 1}"),
            mesh("{capacity: {source: chain}}"),
            provider("a") + poolOf("q", "a"),
            MESH + poolOf("p", "a")
        };
        String[] names = good.keySet().toArray(String[]::new);
        for (int i = 0; i < 2000; i++) {
            files.write(names[random.nextInt(names.length)], texts[random.nextInt(texts.length)]);
            inForce = files.loader.reload(inForce);
            Config config = before();
            assertThat(config.pools().values())
                    .as("seed %d, edit %d", seed, i)
                    .allSatisfy(p -> assertThat(p.members())
                            .isNotEmpty()
                            .allSatisfy(m -> assertThat(config.providers()).containsKey(m.provider())));
            assertThat(config.pools().values().stream().map(Pool::match)).doesNotHaveDuplicates();
        }
        good.forEach(files::write);
        assertThat(reload()).isEqualTo(files.load().config().orElseThrow());
    }

    private Config before() {
        return inForce.config().orElseThrow();
    }

    private Config reload(String... problems) {
        Config last = before();
        LoadedConfig next = files.loader.reload(inForce);
        if (problems.length == 0) {
            assertThat(next.problems()).isEmpty();
        } else {
            assertThat(next.problems().toString()).contains(problems);
        }
        Config config = next.config().orElseThrow();
        inForce = config.equals(last) ? new LoadedConfig(inForce.objects(), next.problems()) : next;
        return config;
    }
}
