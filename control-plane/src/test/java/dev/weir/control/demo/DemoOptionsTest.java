package dev.weir.control.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.control.testbed.TestbedFailure;
import dev.weir.control.testbed.Tools;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DemoOptionsTest {
    @Test
    void both_policies_play_the_baseline_first(@TempDir Path folder) {
        DemoOptions options = DemoOptions.of(
                40, 0.6, "both", "bounce", "slow", 7, true, Optional.of(folder.resolve("f.json")), Optional.empty());
        assertThat(options.policies()).containsExactly("wrr", "water-filling");
        assertThat(options.story()).isEqualTo(new Story(40, 0.6, Story.Event.SLOW, 7));
        assertThat(options.story().promised()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"41,0.6,slow", "40,0.7,slow", "40,0.6,stall", "40,0.6,none"})
    void figures_are_promised_for_the_default_story_only(int seconds, double load, String event) {
        assertThat(DemoOptions.of(seconds, load, "both", "bounce", event, 1, false, Optional.empty(), Optional.empty())
                        .story()
                        .promised())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "5   | 0.6  | both | split | slow  | --seconds: 5 (expected: a whole number from 6 to 240)",
                "241 | 0.6  | both | split | slow  | --seconds: 241 (expected: a whole number from 6 to 240)",
                "40  | 0    | both | bounce | slow  | --load: 0.0 (expected: a number from 0.05 to 1.5, a part of the true capacity)",
                "40  | NaN  | both | bounce | slow  | --load: NaN (expected: a number from 0.05 to 1.5, a part of the true capacity)",
                "40  | 1.51 | both | bounce | slow  | --load: 1.51 (expected: a number from 0.05 to 1.5, a part of the true capacity)",
                "40  | 0.6  | both | jsq | slow  | --mode: jsq (expected: governed, bounce or split)",
                "40  | 0.6  | p2c  | split | slow  | --policy: p2c (expected: water-filling, wrr or both)",
                "40  | 0.6  | both | split | crash | --event: crash (expected: slow, stall or none)",
            })
    void refuses_with_option_value_and_expectation(
            int seconds, double load, String policy, String mode, String event, String message) {
        assertThatThrownBy(() -> DemoOptions.of(
                        seconds, load, policy, mode, event, 1, false, Optional.empty(), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void says_at_the_start_that_a_file_cannot_be_written(@TempDir Path folder) {
        for (Path file : new Path[] {folder, folder.resolve("missing/f.json")}) {
            assertThatThrownBy(() -> DemoOptions.of(
                            40, 0.6, "both", "bounce", "slow", 1, false, Optional.of(file), Optional.empty()))
                    .hasMessage("--json: " + file + " (expected: a file in a folder that exists)");
        }
    }

    @Test
    void a_missing_tool_is_named_with_its_variable() {
        assertThatThrownBy(() -> Tools.of(java.util.Map.of("WEIR_ENVOY", "/bin/sh")))
                .isInstanceOf(TestbedFailure.class)
                .hasMessageStartingWith("WEIR_ANVIL: not set (expected: ");
        assertThatThrownBy(() -> Tools.of(java.util.Map.of("WEIR_ENVOY", "/nowhere", "WEIR_ANVIL", "/bin/sh")))
                .hasMessageStartingWith("WEIR_ENVOY: \"/nowhere\" (expected: ");
    }
}
