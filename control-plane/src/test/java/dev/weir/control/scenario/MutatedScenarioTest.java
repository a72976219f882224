package dev.weir.control.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.control.testing.YamlMutator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sample of a scenario, changed at random: it describes a mesh or is refused in words. */
@Timeout(600)
final class MutatedScenarioTest {
    private static final long SEED = Long.getLong("weir.seed", 1);
    private static final int MUTATIONS = Boolean.getBoolean("weir.full") ? 100_000 : 2_000;

    @TempDir
    Path directory;

    @Test
    void a_changed_sample_is_a_mesh_or_refused_in_words() throws IOException {
        String sample = Files.readString(Path.of("../docs/examples/scenario.yaml"));
        YamlMutator mutator = new YamlMutator(new Random(SEED));
        Path file = directory.resolve("scenario.yaml");
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            String text = mutator.mutate(sample);
            Files.write(file, text.getBytes(StandardCharsets.UTF_8));
            try {
                assertThat(ScenarioFile.read(file)).isNotNull();
            } catch (IllegalArgumentException e) {
                refused++;
                assertThat(String.valueOf(e.getMessage()))
                        .as("seed %d, %d:\n%s", SEED, i, text)
                        .startsWith(file + ": ")
                        .contains("(expected: ");
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError("seed " + SEED + ", " + i + ":\n" + text, e);
            }
        }
        assertThat(refused).isBetween(MUTATIONS / 4, MUTATIONS - MUTATIONS / 20);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "providers:\npools: []",
                "providers: [{name: a, slots: 1, serviceSeconds: 1}]\npools:",
                "providers: [{name: a, slots: 1, serviceSeconds: 1}]\npools: [{name: p, providers: , rate: 1}]",
                "providers: [{name: a, slots: 1, serviceSeconds: 1}]\npools: [{name: p, providers: [~], rate: 1}]",
                "providers: [~]\npools: []",
                "providers: !!set {a}\npools: []",
                "providers: !!binary '***'\npools: []",
                "providers: !!int many\npools: []",
                "providers: !!timestamp now\npools: []",
                "providers: &a [*a]\npools: []",
                "providers: &a {b: *a}\npools: []"
            })
    void nothing_and_what_is_no_list_in_a_lists_place_is_refused_in_words(String text) throws IOException {
        Path file = directory.resolve("scenario.yaml");
        Files.writeString(file, text);
        assertThatThrownBy(() -> ScenarioFile.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining("(expected: ");
    }
}
