package dev.weir.control.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.model.Declarations.Declaration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class DeclarationTest {
    private static Declaration declared(double rate, int slots, double cap) {
        return new Declaration("a", rate, slots, List.of(), Optional.of("1"), Optional.of(cap), Optional.empty());
    }

    @Test
    void the_lesser_of_what_is_declared_and_what_the_stake_stands_for_counts() {
        assertThat(declared(10, 40, 20).isCapped()).isFalse();
        assertThat(declared(10, 40, 20).countedRate()).isEqualTo(10);
        assertThat(declared(10, 40, 20).countedSlots()).isEqualTo(40);
        assertThat(declared(10, 40, 5).isCapped()).isTrue();
        assertThat(declared(10, 40, 5).countedRate()).isEqualTo(5);
        assertThat(declared(10, 40, 5).countedSlots()).isEqualTo(20);
        assertThat(declared(10, 40, 0).countedRate()).isZero();
        assertThat(declared(10, 0, 5).countedSlots()).as("not declared").isZero();
    }

    @Test
    void no_claim_of_slots_or_speed_makes_more_of_a_stake_than_it_stands_for() {
        assertThat(declared(1e9, 1_000_000, 1).countedRate()).isEqualTo(1);
        assertThat(declared(1e9, 1_000_000, 1).countedSlots()).isEqualTo(1);
        assertThat(declared(1, 1_000_000, 1).countedSlots()).isEqualTo(100);
        assertThat(declared(1, 1_000_000, 1).likelySlots()).isEqualTo(100);
        assertThat(declared(1e9, 0, 1).likelySlots()).isEqualTo(1);
        assertThat(declared(1e9, 7, 1).likelyRate()).isEqualTo(1);
    }

    @Test
    void without_a_cap_what_is_declared_counts() {
        Declaration file =
                new Declaration("a", 1e9, 1_000_000, List.of(), Optional.empty(), Optional.empty(), Optional.empty());
        assertThat(file.countedRate()).isEqualTo(1e9);
        assertThat(file.countedSlots()).isEqualTo(1_000_000);
    }
}
