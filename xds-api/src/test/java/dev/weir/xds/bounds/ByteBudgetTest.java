package dev.weir.xds.bounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.xds.bounds.ByteBudget.Account;
import dev.weir.xds.bounds.ByteBudget.Waiter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ByteBudgetTest {
    private static final long MIB = 1 << 20;

    private final ByteBudget budget = new ByteBudget(8 * MIB);
    private final List<String> granted = new ArrayList<>();

    private Waiter waits(Account account, String name, long bytes) {
        Waiter waiter = new Waiter(bytes, () -> granted.add(name));
        account.await(waiter);
        return waiter;
    }

    @Test
    void who_waits_gets_seven_eighths_and_what_comes_unasked_the_rest() {
        Account all = budget.account(1);
        waits(all, "a", 4 * MIB);
        waits(all, "b", 3 * MIB);
        waits(all, "c", 1);
        assertThat(granted).containsExactly("a", "b");
        assertThat(all.tryTake(MIB)).isTrue();
        assertThat(all.tryTake(1)).isFalse();
        assertThat(budget.refused()).isEqualTo(1);
        assertThat(budget.taken()).isEqualTo(8 * MIB);
        all.give(MIB);
        all.give(MIB);
        assertThat(granted).containsExactly("a", "b", "c");
    }

    @Test
    void peers_take_turns_however_much_one_of_them_wants() {
        Account all = budget.account(1);
        assertThat(all.tryTake(7 * MIB)).isTrue();
        Account greedy = budget.account(1);
        Account modest = budget.account(1);
        for (int i = 0; i < 3; i++) {
            waits(greedy, "greedy" + i, MIB);
        }
        waits(modest, "modest", MIB);
        assertThat(granted).isEmpty();
        for (int i = 0; i < 7; i++) {
            all.give(MIB);
        }
        assertThat(granted).containsExactly("greedy0", "modest", "greedy1", "greedy2");
    }

    @Test
    void a_peer_at_its_own_bound_holds_up_nobody() {
        Account small = budget.account(8);
        Account other = budget.account(8);
        waits(small, "small", MIB);
        waits(small, "second", MIB);
        waits(other, "other", MIB);
        assertThat(granted).containsExactly("small", "other");
        assertThat(small.tryTake(1)).isFalse();
        small.give(MIB);
        assertThat(granted).containsExactly("small", "other", "second");
    }

    @Test
    void what_is_larger_than_the_budget_comes_alone() {
        Account one = budget.account(4);
        waits(one, "large", 20 * MIB);
        waits(budget.account(4), "next", 1);
        assertThat(granted).containsExactly("large");
        one.give(20 * MIB);
        assertThat(granted).containsExactly("large", "next");
    }

    @Test
    void who_leaves_holds_up_nobody() {
        Account all = budget.account(1);
        assertThat(all.tryTake(7 * MIB)).isTrue();
        Account gone = budget.account(1);
        Waiter waiter = waits(gone, "gone", 7 * MIB);
        waits(budget.account(1), "next", MIB);
        assertThat(gone.leave(waiter)).isTrue();
        all.give(MIB);
        assertThat(granted).containsExactly("next");
        assertThat(gone.leave(waiter)).isFalse();
    }

    @Test
    void a_budget_too_small_for_the_largest_message_is_refused() {
        assertThatThrownBy(() -> new ByteBudget(ByteBudget.MIN - 1)).hasMessageContaining("expected: at least");
    }
}
