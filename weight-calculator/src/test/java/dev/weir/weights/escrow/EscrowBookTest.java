package dev.weir.weights.escrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class EscrowBookTest {
    private static final Demurrage DAY = new Demurrage(1440, 15);

    private static BigInteger big(long value) {
        return BigInteger.valueOf(value);
    }

    @Test
    void money_is_whole_in_the_time_of_grace_and_halves_with_each_half_life() {
        BigInteger amount = BigInteger.TEN.pow(24);
        assertThat(DAY.left(amount, 100, 115)).isEqualTo(amount);
        assertThat(DAY.left(amount, 100, 50)).as("a clock behind").isEqualTo(amount);
        BigInteger half = DAY.left(amount, 100, 115 + 1440);
        assertThat(amount.shiftRight(1).subtract(half).abs()).isLessThan(big(1_000));
        BigInteger eighth = DAY.left(amount, 100, 115 + 3 * 1440);
        assertThat(amount.shiftRight(3).subtract(eighth).abs()).isLessThan(big(1_000));
        assertThat(DAY.left(amount, 100, 100 + 1_000_000)).isZero();
    }

    @Test
    void it_never_grows_and_does_not_depend_on_who_looks() {
        BigInteger last = big(999_999_937);
        for (long minute = 0; minute < 20_000; minute += 7) {
            BigInteger left = DAY.left(big(999_999_937), 0, minute);
            assertThat(left).isLessThanOrEqualTo(last).isGreaterThanOrEqualTo(BigInteger.ZERO);
            last = left;
        }
    }

    @Test
    void conserves_every_unit_over_a_million_operations() {
        SplittableRandom random = new SplittableRandom(41);
        Demurrage fast = new Demurrage(60, 2);
        EscrowBook book = new EscrowBook(fast, big(10));
        List<String> open = new ArrayList<>();
        long minute = 0;
        for (int step = 0; step < 1_000_000; step++) {
            minute += random.nextInt(100) == 0 ? 1 : 0;
            if (open.size() < 50 || random.nextBoolean()) {
                String lot = "l" + step;
                book.deposit(lot, big(10 + random.nextLong(1_000_000)), minute);
                open.add(lot);
            } else {
                int i = random.nextInt(open.size());
                String lot = open.set(i, open.get(open.size() - 1));
                open.remove(open.size() - 1);
                BigInteger before = book.left(lot, minute);
                EscrowBook.Settlement s = book.settle(lot, big(random.nextLong(1_000_000)), minute);
                assertThat(s.paid().add(s.refunded())).isEqualTo(before);
                assertThat(s.burned().signum()).isNotNegative();
            }
            if (step % 1_000 == 0) {
                assertThat(book.imbalance()).isZero();
            }
        }
        assertThat(book.imbalance()).isZero();
        assertThat(book.open().signum()).isPositive();
    }

    @Test
    void a_lot_is_paid_once_and_never_more_than_is_left() {
        EscrowBook book = new EscrowBook(DAY, big(10));
        book.deposit("a", big(100), 0);
        assertThatThrownBy(() -> book.deposit("a", big(100), 0)).hasMessageContaining("expected: one without");
        assertThatThrownBy(() -> book.deposit("dust", big(9), 0)).hasMessage("amount: 9 (expected: at least 10)");
        assertThatThrownBy(() -> book.settle("a", big(-1), 0)).hasMessageContaining("price: -1");
        assertThat(book.settle("a", big(70), 5))
                .isEqualTo(new EscrowBook.Settlement(big(70), big(30), BigInteger.ZERO));
        assertThatThrownBy(() -> book.settle("a", big(70), 5)).hasMessageContaining("expected: one with a deposit");
        book.deposit("late", big(100), 0);
        EscrowBook.Settlement late = book.settle("late", big(70), 15 + 1440);
        assertThat(late.paid()).isBetween(big(49), big(50));
        assertThat(late.refunded()).isZero();
        assertThat(late.burned()).isBetween(big(50), big(51));
    }
}
