package dev.weir.control.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.control.loop.CompletionCounts.Counts;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Work;
import dev.weir.control.testing.PoolMaker;
import dev.weir.control.threads.OneThread;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import dev.weir.xds.testing.RecordMaker;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class CompletionCountsTest {
    /** Stands for whatever status a provider side refuses with. */
    private static final int BOUNCE = 529;

    /** Stands for a 2xx whose body is an error; attempts do not know. */
    private static final int ERROR = 299;

    private static final Pool.Match MODEL = new Pool.Match.Model("m");

    private static final Pool POOL = PoolMaker.pool("m", MODEL, "p", "q")
            .work(new Work.PerToken(1, 3, 500))
            .make();

    private final CompletionCounts book = book();

    private static CompletionCounts book() {
        return new CompletionCounts(new OneThread(), name -> name.equals("m") ? Optional.of(POOL) : Optional.empty());
    }

    static AccessRecord record(
            Kind kind, String id, int attempt, String provider, int status, String flags, @Nullable Usage usage) {
        return RecordMaker.record(kind, id, attempt)
                .lasting(1000, 500)
                .pool("m")
                .provider(provider)
                .status(status)
                .flags(flags)
                .usage(usage)
                .bytes(10, 20)
                .bounced(status == BOUNCE)
                .failed(kind == Kind.CALL && status == ERROR)
                .make();
    }

    @Test
    void a_2xx_completes_and_what_the_provider_could_not_do_fails() {
        book.add(record(Kind.ATTEMPT, "a", 1, "p", 200, "", null));
        book.add(record(Kind.ATTEMPT, "b", 1, "p", 404, "", null));
        book.add(record(Kind.ATTEMPT, "c", 1, "p", 200, "UPE", null));
        book.add(record(Kind.ATTEMPT, "d", 2, "p", 503, "", null));
        book.add(record(Kind.ATTEMPT, "e", 1, "p", 429, "", null));
        book.add(record(Kind.ATTEMPT, "f", 1, "p", 0, "UC", null));
        assertThat(book.take("m", "p"))
                .as("404 may be the agent's")
                .isEqualTo(new Counts(1, 4, 1, 1, 503, 0.001, 1e-6));
        assertThat(book.take("m", "p")).isEqualTo(Counts.NONE);
    }

    @Test
    void redirects_and_4xx_are_refusals_but_408_and_429() {
        for (int status : new int[] {301, 307, 400, 401, 402, 403, 404, 410, 422, 451}) {
            book.add(record(Kind.ATTEMPT, "r" + status, 1, "p", status, "", null));
        }
        assertThat(book.take("m", "p")).isEqualTo(new Counts(0, 0, 10, 0, 451, 0, 0));
        for (int status : new int[] {408, 429, 500, 502, 504, 599}) {
            book.add(record(Kind.ATTEMPT, "f" + status, 1, "p", status, "", null));
        }
        assertThat(book.take("m", "p")).isEqualTo(new Counts(0, 6, 0, 0, 599, 0, 0));
    }

    @Test
    void a_call_that_says_it_was_an_error_makes_its_last_attempt_a_failure() {
        AccessRecord first = record(Kind.ATTEMPT, "a", 1, "q", 503, "", null);
        AccessRecord last = record(Kind.ATTEMPT, "a", 2, "p", ERROR, "", null);
        AccessRecord call = record(Kind.CALL, "a", 2, "p", ERROR, "", new Usage(1, 1, 2, 0));
        for (List<AccessRecord> order : List.of(List.of(first, last, call), List.of(call, first, last))) {
            CompletionCounts fresh = book();
            // by stream and by file
            order.forEach(fresh::add);
            order.forEach(fresh::add);
            assertThat(fresh.take("m", "p")).isEqualTo(new Counts(0, 1, 0, 1, 503, 0, 0));
            assertThat(fresh.take("m", "q")).isEqualTo(new Counts(0, 1, 0, 0, 503, 0, 0));
            assertThat(fresh.workPerRequest(POOL)).isEqualTo(500);
        }
    }

    @Test
    void a_completion_that_was_taken_is_taken_back_from_the_next_ones() {
        book.add(record(Kind.ATTEMPT, "a", 1, "p", ERROR, "", null));
        assertThat(book.take("m", "p")).isEqualTo(new Counts(1, 0, 0, 0, 0, 0.001, 1e-6));
        book.add(record(Kind.CALL, "a", 1, "p", ERROR, "", null));
        assertThat(book.take("m", "p")).isEqualTo(new Counts(0, 1, 0, 0, 503, 0, 0));
        assertThat(book.take("m", "p")).isEqualTo(new Counts(0, 0, 0, 0, 0, 0, 0));
        book.add(record(Kind.ATTEMPT, "b", 1, "p", 200, "", null));
        book.add(record(Kind.ATTEMPT, "c", 1, "p", ERROR, "", null));
        assertThat(book.take("m", "p")).isEqualTo(new Counts(1, 0, 0, 0, 0, 0.001, 1e-6));
    }

    @Test
    void an_error_whose_attempt_failed_anyway_counts_once() {
        book.add(record(Kind.ATTEMPT, "a", 1, "p", ERROR, "UPE", null));
        book.add(record(Kind.CALL, "a", 1, "p", ERROR, "UPE", null));
        assertThat(book.take("m", "p")).isEqualTo(new Counts(0, 1, 0, 0, 503, 0, 0));
        book.add(record(Kind.ATTEMPT, "b", 1, "p", ERROR, "DC", null));
        book.add(record(Kind.CALL, "b", 1, "p", ERROR, "DC", null));
        assertThat(book.take("m", "p")).isEqualTo(Counts.NONE);
    }

    @Test
    void a_bounce_says_nothing_of_the_provider() {
        book.add(record(Kind.ATTEMPT, "a", 1, "p", BOUNCE, "", null));
        book.add(record(Kind.ATTEMPT, "a", 2, "p", 200, "", null));
        assertThat(book.take("m", "p")).isEqualTo(new Counts(1, 0, 0, 1, 0, 0.001, 1e-6));
        book.add(RecordMaker.record(Kind.ATTEMPT, "shed", 1)
                .pool("m")
                .provider("p")
                .status(429)
                .bounced(true)
                .make());
        assertThat(book.take("m", "p"))
                .as("nor does one for good, which its own 429 would")
                .isEqualTo(Counts.NONE);
    }

    @Test
    void durations_of_completions_add_up_and_what_cannot_be_is_clipped() {
        book.add(record(Kind.ATTEMPT, "a", 1, "p", 200, "", null));
        book.add(lasting("b", 2_000_000));
        book.add(lasting("c", -5));
        assertThat(book.take("m", "p").answerSeconds()).isCloseTo(2.001, within(1e-9));
        book.add(lasting("d", Long.MAX_VALUE));
        Counts counts = book.take("m", "p");
        assertThat(counts.answerSeconds()).isEqualTo(86_400);
        assertThat(counts.answerSquares()).isEqualTo(86_400.0 * 86_400);
    }

    private static AccessRecord lasting(String id, long micros) {
        return RecordMaker.like(record(Kind.ATTEMPT, id, 1, "p", 200, "", null))
                .lasting(micros, 500)
                .make();
    }

    @Test
    void a_client_that_left_says_nothing_of_the_provider() {
        book.add(record(Kind.ATTEMPT, "a", 1, "p", 0, "DC", null));
        assertThat(book.take("m", "p")).isEqualTo(Counts.NONE);
    }

    @Test
    void a_repeated_record_counts_once() {
        for (int i = 0; i < 3; i++) {
            book.add(record(Kind.ATTEMPT, "a", 1, "p", 200, "", null));
        }
        book.add(record(Kind.ATTEMPT, "a", 2, "p", 200, "", null));
        assertThat(book.take("m", "p").completions()).isEqualTo(2);
    }

    @Test
    void calls_tell_the_mean_work_and_are_no_ends() {
        assertThat(book.workPerRequest(POOL)).isEqualTo(500);
        book.add(record(Kind.CALL, "a", 1, "p", 200, "", new Usage(10, 5, 15, 0)));
        book.add(record(Kind.CALL, "b", 1, "p", 200, "", new Usage(20, 15, 35, 0)));
        assertThat(book.workPerRequest(POOL)).isCloseTo(15 + 3 * 10, within(1e-9));
        assertThat(book.take("m", "p")).isEqualTo(Counts.NONE);
    }

    @Test
    void a_removed_pool_leaves_nothing_behind() {
        book.add(record(Kind.ATTEMPT, "a", 1, "p", 200, "", null));
        book.retain(Map.of());
        assertThat(book.take("m", "p")).isEqualTo(Counts.NONE);
    }
}
