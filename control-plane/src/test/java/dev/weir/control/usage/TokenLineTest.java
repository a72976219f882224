package dev.weir.control.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class TokenLineTest {
    private final TokenLine line = new TokenLine();
    private final SplittableRandom random = new SplittableRandom(1);

    private double at(double size) {
        return line.at(size).orElseThrow();
    }

    @Test
    void what_belongs_to_each_call_is_told_from_what_belongs_to_each_byte() {
        for (int i = 0; i < 64; i++) {
            int tokens = 1 + random.nextInt(1_000);
            line.add(130 + 4.0 * tokens, tokens);
        }
        assertThat(at(130 + 4 * 10)).isCloseTo(10, within(0.1));
        assertThat(at(130 + 4 * 5_000)).isCloseTo(5_000, within(1.0));
        assertThat(at(1)).isZero();
    }

    @Test
    void sizes_that_are_all_alike_tell_a_ratio_only() {
        for (int i = 0; i < 64; i++) {
            line.add(200 + random.nextInt(20), 200 + random.nextInt(20));
        }
        assertThat(at(10)).isCloseTo(10, within(0.5));
    }

    @Test
    void a_quarter_of_lies_does_not_turn_it() {
        for (int i = 0; i < 64; i++) {
            int pieces = 10 + random.nextInt(300);
            line.add(pieces, i % 4 == 0 ? 1_000 * pieces : pieces);
        }
        assertThat(at(100)).isCloseTo(100, within(10.0));
    }

    @Test
    void it_follows_what_is_new_and_needs_a_few() {
        assertThat(line.known()).isFalse();
        for (int i = 1; i <= 5; i++) {
            line.add(i, 9 * i);
        }
        assertThat(line.known()).isTrue();
        assertThat(at(10)).isCloseTo(90, within(1e-6));
        for (int i = 0; i < 64; i++) {
            line.add(10 + i, 2 * (10 + i));
        }
        assertThat(at(10)).isCloseTo(20, within(1e-6));
    }

    @Test
    void odd_samples_are_survived() {
        line.add(0, 5);
        line.add(-1, 5);
        assertThat(line.known()).isFalse();
        for (int i = 0; i < 5; i++) {
            line.add(7, 0);
        }
        assertThat(at(100)).isZero();
    }
}
