package dev.weir.weights.pick;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PickNumberTest {
    @Test
    void it_leads_first_and_retry_where_they_shall_go() {
        for (int n = 1; n <= 9; n++) {
            for (int first = 0; first < n; first++) {
                for (int second = 0; second < n; second++) {
                    if (second != first) {
                        assertThat(walk(n, PickNumber.of(n, first, second))).isEqualTo(List.of(first, second));
                    }
                }
                assertThat(PickNumber.of(n, first, LeastWait.NONE) % n).isEqualTo(first);
            }
        }
    }

    /** As Envoy does: an entry that was tried is left out of the list. */
    private static List<Integer> walk(int n, long number) {
        List<Integer> left = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            left.add(i);
        }
        Integer first = left.remove((int) (number % n));
        return List.of(first, left.get((int) (number % left.size())));
    }
}
