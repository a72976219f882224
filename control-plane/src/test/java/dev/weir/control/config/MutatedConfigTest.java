package dev.weir.control.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.model.Config;
import dev.weir.control.testing.YamlMutator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The samples, changed at random: whatever comes of it is a configuration or a refusal that names its place, and what was in
 * force stays whole. {@code -Dweir.seed=S} draws others.
 */
@Timeout(600)
final class MutatedConfigTest {
    private static final long SEED = Long.getLong("weir.seed", 1);
    private static final int MUTATIONS = Boolean.getBoolean("weir.full") ? 100_000 : 2_500;
    private static final Path SAMPLES = Path.of("../docs/examples/basic");
    private static final List<String> FILES = List.of("mesh.yaml", "providers.yaml", "pools.yaml");
    private static final Pattern REFUSAL = Pattern.compile(
            "((mesh|providers|pools)\\.yaml(:[1-9]\\d*)?|\\.: Mesh): [^\\p{Cntrl}]*\\(expected: [^\\p{Cntrl}]+\\)");

    @TempDir
    Path directory;

    @Test
    void a_changed_sample_is_a_configuration_or_refused_in_words_and_what_was_good_stays() throws IOException {
        ConfigFiles files = new ConfigFiles(directory, Map.of("CHAIN_RPC", "http://localhost:1"));
        Map<String, String> samples = new TreeMap<>();
        for (String file : FILES) {
            samples.put(file, Files.readString(SAMPLES.resolve(file)));
            files.write(file, samples.get(file));
        }
        LoadedConfig good = files.load();
        assertThat(good.problems()).isEmpty();
        Random random = new Random(SEED);
        YamlMutator mutator = new YamlMutator(random);
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            String file = FILES.get(random.nextInt(FILES.size()));
            String text = mutator.mutate(String.valueOf(samples.get(file)));
            Files.write(directory.resolve(file), text.getBytes(StandardCharsets.UTF_8));
            try {
                LoadedConfig first = files.load();
                refused += first.problems().isEmpty() ? 0 : 1;
                check(first);
                assertThat(first.config().isPresent() || !first.problems().isEmpty())
                        .isTrue();
                LoadedConfig again = files.loader.reload(good);
                check(again);
                assertThat(again.config()).isPresent();
                whole(again.config().orElseThrow());
            } catch (RuntimeException | AssertionError | StackOverflowError e) {
                throw new AssertionError("seed " + SEED + ", " + i + ", " + file + ":\n" + text, e);
            }
            files.write(file, String.valueOf(samples.get(file)));
        }
        assertThat(refused).as("of " + MUTATIONS).isBetween(MUTATIONS / 4, MUTATIONS - MUTATIONS / 20);
    }

    private static void check(LoadedConfig loaded) {
        assertThat(loaded.problems())
                .allSatisfy(problem -> assertThat(problem.toString()).matches(REFUSAL));
    }

    private static void whole(Config config) {
        config.pools()
                .values()
                .forEach(pool -> pool.members()
                        .forEach(member -> assertThat(config.providers()).containsKey(member.provider())));
    }
}
