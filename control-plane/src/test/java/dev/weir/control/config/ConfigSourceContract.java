package dev.weir.control.config;

import static dev.weir.control.config.ConfigFiles.MESH;
import static dev.weir.control.config.ConfigFiles.mesh;
import static dev.weir.control.config.ConfigFiles.provider;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.model.Config;
import dev.weir.control.model.Provider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every source of a configuration does. */
abstract class ConfigSourceContract {
    private static final String KEYED = provider("a", """
            {endpoint: {host: h, port: 1}, capacity: {workUnitsPerSecond: 1, slots: 1},
              credentials: {valueFrom: {file: key}}}""");

    @TempDir
    Path directory = Path.of("");

    private final List<LoadedConfig> told = new CopyOnWriteArrayList<>();

    /** The one of this test: nothing is in it yet, and variable {@code SET} is {@code value}. */
    abstract ConfigSource source();

    abstract void write(String file, String text);

    abstract void delete(String file);

    /** Likewise, a file that a text names. */
    abstract void writeSecret(String file, String text);

    private void watched(ConfigFeed feed, Consumer<LoadedConfig> listener, Runnable body) throws Exception {
        AutoCloseable watch = feed.watch(listener);
        try {
            body.run();
        } finally {
            watch.close();
        }
    }

    private Config last() {
        return told.get(told.size() - 1).config().orElseThrow();
    }

    private String secret(Config config) {
        Provider provider = requireNonNull(config.providers().get("a"));
        return provider.credentials().orElseThrow().value();
    }

    @Test
    void what_is_written_is_read_under_its_name() {
        write("mesh.yaml", MESH);
        write("a.yaml", provider("a"));
        ConfigSource.Listing listing = source().read();
        assertThat(listing.texts()).containsOnlyKeys("mesh.yaml", "a.yaml").containsEntry("mesh.yaml", MESH);
        assertThat(listing.unread()).isEmpty();
        assertThat(listing.problems()).isEmpty();
    }

    @Test
    void a_source_without_an_object_says_so() {
        assertThat(new ConfigFeed(source()).first().problems().toString()).contains("at least one object");
    }

    @Test
    void variables_and_files_are_found_or_not() {
        writeSecret("key", "text");
        SecretReader secrets = source().read().secrets();
        assertThat(secrets.variable("SET")).contains("value");
        assertThat(secrets.variable("UNSET")).isEmpty();
        Path key = secrets.path("key").orElseThrow();
        assertThat(secrets.file(key, 4)).contains("text");
        assertThat(secrets.file(key, 3)).isEmpty();
        assertThat(secrets.file(secrets.path("other").orElseThrow(), 4)).isEmpty();
        assertThat(secrets.path("/other/place")).contains(Path.of("/other/place"));
        assertThat(secrets.path("")).isEmpty();
        assertThat(secrets.path("\0")).isEmpty();
    }

    @Test
    void a_change_is_told_and_one_that_was_made_before_the_watch_began_too() throws Exception {
        write("mesh.yaml", MESH);
        ConfigFeed feed = new ConfigFeed(source());
        write("a.yaml", provider("a"));
        watched(feed, told::add, () -> {
            await().untilAsserted(() -> assertThat(last().providers()).containsOnlyKeys("a"));
            write("mesh.yaml", mesh("{tick: 1s}"));
            await().untilAsserted(
                            () -> assertThat(last().mesh().control().tick()).isEqualTo(Duration.ofSeconds(1)));
            delete("a.yaml");
            await().untilAsserted(() -> assertThat(last().providers()).isEmpty());
        });
        assertThat(told)
                .hasSize(3)
                .allSatisfy(each -> assertThat(each.problems()).isEmpty());
    }

    @Test
    void a_secret_that_changes_is_a_change() throws Exception {
        write("mesh.yaml", MESH);
        write("a.yaml", KEYED);
        writeSecret("key", "one");
        ConfigFeed feed = new ConfigFeed(source());
        assertThat(secret(feed.first().config().orElseThrow())).isEqualTo("one");
        watched(feed, told::add, () -> {
            writeSecret("key", "another");
            await().untilAsserted(() -> assertThat(secret(last())).isEqualTo("another"));
        });
    }

    @Test
    void a_listener_that_throws_hears_of_the_next_change() throws Exception {
        write("mesh.yaml", MESH);
        watched(
                new ConfigFeed(source()),
                next -> {
                    told.add(next);
                    throw new IllegalStateException("a defect of the listener");
                },
                () -> {
                    write("a.yaml", provider("a"));
                    await().until(() -> told.size() == 1);
                    write("b.yaml", provider("b"));
                    await().untilAsserted(() -> assertThat(last().providers()).containsOnlyKeys("a", "b"));
                });
    }

    @Test
    void nothing_is_told_after_the_watch_was_closed() throws Exception {
        write("mesh.yaml", MESH);
        ConfigSource source = source();
        List<String> calls = new CopyOnWriteArrayList<>();
        source.read();
        AutoCloseable watch = source.watch(() -> calls.add("told"));
        write("a.yaml", provider("a"));
        await().until(() -> !calls.isEmpty());
        watch.close();
        calls.clear();
        write("b.yaml", provider("b"));
        // another watch sees the change: the closed one had its time too
        source.read();
        write("c.yaml", provider("c"));
        List<String> later = new CopyOnWriteArrayList<>();
        AutoCloseable second = source.watch(() -> later.add("told"));
        await().until(() -> !later.isEmpty());
        second.close();
        assertThat(calls).isEmpty();
    }
}
