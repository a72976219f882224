package dev.weir.control.pick;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.admission.AdmissionChain;
import dev.weir.control.admission.Passage;
import dev.weir.xds.check.CheckedRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whom a wrong clock makes wait: two minutes of a queue after a restart. Three sidecars ask again for what an earlier process
 * held, and go on asking; one is served each 40 ms.
 */
final class WaitingClocksTest {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000 * MILLI;
    private static final long START = 77 * SECOND;
    private static final long MAX = 60 * SECOND;
    private static final long STEP = 40 * MILLI;
    private static final long NOON_MICROS = 1_800_000_000_000_000L;

    /** Times are true ones; a request is asked for when it comes, or once more after the restart. */
    private record Request(String id, int sidecar, long came, long asked) {}

    private static List<Request> requests() {
        Random random = new Random(1);
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < 90; i++) {
            long came = START - 1_000 * MILLI - random.nextInt(10_000) * MILLI;
            requests.add(new Request("held-" + i, i % 3, came, START + random.nextInt(3_000) * MILLI));
        }
        for (long at = START; at < START + 120 * SECOND; at += STEP) {
            requests.add(new Request("fresh-" + at, random.nextInt(3), at - MILLI, at));
        }
        requests.sort(Comparator.comparingLong(Request::asked));
        return requests;
    }

    private static Passage passage(CheckedRequest check) {
        return new AdmissionChain(List.of((passage, now) -> passage.hold(() -> {}))).check(check, answer -> {});
    }

    /** How long each waited, milliseconds; -1 = too long. */
    private static Map<String, Long> waits(List<LongUnaryOperator> clocks) {
        CheckQueue waiting = new CheckQueue(new CheckQueue.OldestFirst(), new EarlierWaits(START));
        Map<String, Request> open = new HashMap<>();
        Map<String, Long> waits = new HashMap<>();
        List<Request> requests = requests();
        int next = 0;
        for (long at = START; at < START + 120 * SECOND; at += MILLI) {
            for (; next < requests.size() && requests.get(next).asked <= at; next++) {
                Request request = requests.get(next);
                long stamp = NOON_MICROS + clocks.get(request.sidecar).applyAsLong(request.came) / 1_000;
                CheckedRequest check = new CheckedRequest(
                        request.id,
                        "m",
                        true,
                        stamp,
                        "",
                        "sidecar-" + request.sidecar,
                        CheckedRequest.MAX_PATIENCE_NANOS);
                open.put(request.id, request);
                waiting.heard(check, at);
                waiting.add(passage(check), MAX, at);
            }
            for (CheckQueue.QueuedCheck late : waiting.expired(at)) {
                waiting.remove(late);
                waits.put(late.check.requestId(), -1L);
            }
            if ((at - START) % STEP == 0) {
                long now = at;
                waiting.next(List.of("m")).ifPresent(held -> {
                    waiting.remove(held);
                    String id = held.check.requestId();
                    waits.put(id, (now - requireNonNull(open.get(id)).came) / MILLI);
                });
            }
        }
        return waits;
    }

    private static void assertSame(List<LongUnaryOperator> clocks) {
        Map<String, Long> right = waits(List.of(t -> t, t -> t, t -> t));
        Map<String, Long> wrong = waits(clocks);
        assertThat(right).hasSizeGreaterThan(2_900).doesNotContainValue(-1L);
        assertThat(wrong.keySet()).isEqualTo(right.keySet());
        wrong.forEach((id, wait) ->
                assertThat(wait - requireNonNull(right.get(id))).as(id).isBetween(-50L, 50L));
    }

    private static LongUnaryOperator ahead(long seconds) {
        return t -> t + seconds * SECOND;
    }

    private static LongUnaryOperator set(long seconds, long afterSeconds) {
        return t -> t < START + afterSeconds * SECOND ? t : t + seconds * SECOND;
    }

    private static long served(Request request, Map<String, Long> waits) {
        return request.came + requireNonNull(waits.get(request.id)) * MILLI;
    }

    @Test
    void of_two_that_were_asked_for_again_the_older_is_served_first() {
        Map<String, Long> waits = waits(List.of(t -> t, t -> t, t -> t));
        List<Request> held = requests().stream()
                .filter(request -> request.id.startsWith("held") && request.asked > START + SECOND)
                .toList();
        int pairs = 0;
        for (Request a : held) {
            for (Request b : held) {
                long first = served(a, waits);
                long second = served(b, waits);
                if (a.came + 10 * MILLI < b.came && Math.max(a.asked, b.asked) < Math.min(first, second)) {
                    assertThat(second).as("%s after %s", b, a).isGreaterThan(first);
                    pairs++;
                }
            }
        }
        assertThat(pairs).isPositive();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 35, 3_600})
    void clocks_that_differ_change_nobodys_wait(long seconds) {
        assertSame(List.of(ahead(seconds), t -> t, ahead(-seconds)));
    }

    @ParameterizedTest
    @ValueSource(longs = {-3_600, -35, -1, 1, 35, 3_600})
    void a_clock_that_is_set_changes_nobodys_wait(long seconds) {
        assertSame(List.of(set(seconds, 70), t -> t, set(-seconds, 90)));
    }

    @ParameterizedTest
    @ValueSource(longs = {-3_600, 3_600})
    void nor_does_one_that_is_set_right_after_a_restart_by_more_than_a_restart_takes(long seconds) {
        assertSame(List.of(set(seconds, 20), t -> t, t -> t));
    }

    @Test
    void who_left_and_comes_again_has_the_same_place_whatever_the_clock_says() {
        CheckQueue waiting = new CheckQueue(new CheckQueue.OldestFirst(), new EarlierWaits(START));
        long at = START + 1_000 * SECOND;
        CheckedRequest first = new CheckedRequest(
                "first", "m", true, NOON_MICROS, "", "connection", CheckedRequest.MAX_PATIENCE_NANOS);
        waiting.left(waiting.add(passage(first), MAX, at));
        CheckedRequest second =
                new CheckedRequest("second", "m", true, 1, "", "connection", CheckedRequest.MAX_PATIENCE_NANOS);
        waiting.add(passage(second), MAX, at + SECOND);
        CheckedRequest again = new CheckedRequest(
                "first", "m", true, NOON_MICROS, "", "after the cut", CheckedRequest.MAX_PATIENCE_NANOS);
        waiting.add(passage(again), MAX, at + 2 * SECOND);
        assertThat(waiting.next(List.of("m")).map(held -> held.check.requestId()))
                .contains("first");
        assertThat(waiting.expired(at + MAX))
                .singleElement()
                .satisfies(held -> assertThat(held.check.requestId()).isEqualTo("first"));
    }
}
