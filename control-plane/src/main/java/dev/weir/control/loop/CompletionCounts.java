package dev.weir.control.loop;

import dev.weir.control.model.Pool;
import dev.weir.control.threads.OneThread;
import dev.weir.control.usage.TokenBounds;
import dev.weir.xds.telemetry.AccessRecord;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Ends of attempts per (pool, provider) since they were taken last, from attempt records. A record that comes twice (by
 * stream and by file, or after a reconnect) counts once; the memory of what was seen is bounded by {@link #REMEMBERED}.
 *
 * <p>Completions are 2xx ends; no answer, a cut one, 408, 429 and 5xx are failures. Other 3xx and 4xx are refusals: the
 * agent's mistakes, or the provider's own, which {@link Contrast} tells apart. An attempt that the client left ({@code DC})
 * and one that the provider's side refused before the provider saw it (a bounce) are none of these: they
 * say nothing of the provider.
 *
 * <p>Whether an answer was an error within a 2xx only its call's record tells, before or after the attempt's: then the
 * attempt's completion becomes a failure.
 *
 * <p>Belongs to the loop's thread: on any other its methods throw {@link IllegalStateException}.
 */
final class CompletionCounts {
    static final int REMEMBERED = 32_768;

    /** Longest duration that is believed, microseconds; no stream may be longer: what says so is not believed. */
    static final long MAX_MICROS = 86_400_000_000L;

    /** The status that an agent sees where no provider answered. */
    private static final int UNANSWERED = 503;

    private final OneThread thread;
    /** Records that were seen: true = an attempt that counted as a completion. */
    private final Map<Long, Boolean> seen = new Remembered();

    /** Attempts whose calls say that they were errors, before they were seen themselves. */
    private final Map<Long, Boolean> errors = new Remembered();

    private final Map<Member, Ends> ends = new HashMap<>();
    private final Map<String, WorkMeter> work = new HashMap<>();
    private final Function<String, Optional<Pool>> pools;

    /** @param pools by name, in the configuration in force */
    CompletionCounts(OneThread thread, Function<String, Optional<Pool>> pools) {
        this.thread = thread;
        this.pools = pools;
    }

    /** A provider in a pool. */
    record Member(String pool, String provider) {}

    /**
     * Counts since taken last.
     *
     * @param lastStatus HTTP status of the newest refusal or failure, 503 where nothing was answered or an
     *     error with a 2xx, 0 = there was none
     * @param answerSeconds sum of the durations of the completions, each at most {@link #MAX_MICROS}
     * @param answerSquares sum of the squares of these
     */
    record Counts(
            long completions,
            long failures,
            long refusals,
            long retries,
            int lastStatus,
            double answerSeconds,
            double answerSquares) {
        static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0);
    }

    void add(AccessRecord record) {
        thread.check();
        long fingerprint = fingerprint(record.identity().key());
        boolean attempt = record.identity().kind() == AccessRecord.Kind.ATTEMPT;
        boolean completes =
                attempt && record.completed() && !record.outcome().bounced() && errors.remove(fingerprint) == null;
        if (record.route().pool().isEmpty() || seen.putIfAbsent(fingerprint, completes) != null) {
            return;
        }
        if (!attempt) {
            if (record.outcome().failed()) {
                contradict(record);
            }
            if (record.completed()) {
                pools.apply(record.route().pool()).ifPresent(pool -> count(record, pool));
            }
            return;
        }
        if (record.route().provider().isEmpty()) {
            return;
        }
        Ends to = ends.computeIfAbsent(
                new Member(record.route().pool(), record.route().provider()), m -> new Ends());
        boolean bounced = record.outcome().bounced();
        if (completes) {
            to.completed(record.timing().durationMicros());
        } else if (!bounced && !record.outcome().flags().contains("DC")) {
            boolean refused = isRefusal(record.outcome().status());
            to.refusals += refused ? 1 : 0;
            to.failures += refused ? 0 : 1;
            to.lastStatus = record.outcome().status() < 300
                    ? UNANSWERED
                    : record.outcome().status();
        }
        if (record.identity().attempt() >= 2) {
            to.retries++;
        }
    }

    /** Whether a status may be the agent's own fault. */
    private static boolean isRefusal(int status) {
        return status >= 300 && status < 500 && status != 408 && status != 429;
    }

    /**
     * Counts the work of a call. A provider that does not serve the pool is left out, and of one that counts what can't be only
     * the size of the call is taken.
     */
    private void count(AccessRecord call, Pool pool) {
        if (pool.has(call.route().provider())) {
            boolean believed = TokenBounds.exceeded(call, pool.work()).isEmpty();
            work.computeIfAbsent(pool.name(), p -> new WorkMeter())
                    .add(call, believed ? call.answer().usage() : null);
        }
    }

    private void contradict(AccessRecord call) {
        long last = fingerprint(new AccessRecord.Key(
                call.identity().sidecar(),
                call.identity().requestId(),
                AccessRecord.Kind.ATTEMPT,
                call.identity().attempt()));
        Boolean completed = seen.get(last);
        if (completed == null) {
            errors.put(last, Boolean.TRUE);
        } else if (completed) {
            Ends of = ends.computeIfAbsent(
                    new Member(call.route().pool(), call.route().provider()), m -> new Ends());
            of.takeBack();
            of.failures++;
            of.lastStatus = UNANSWERED;
        }
    }

    Counts take(String pool, String provider) {
        thread.check();
        Member member = new Member(pool, provider);
        Ends found = ends.remove(member);
        if (found == null) {
            return Counts.NONE;
        }
        if (found.completions < 0) { // those that became failures after they were taken
            Ends owed = new Ends();
            owed.completions = found.completions;
            ends.put(member, owed);
        }
        return new Counts(
                Math.max(0, found.completions),
                found.failures,
                found.refusals,
                found.retries,
                found.lastStatus,
                found.answerSeconds,
                found.answerSquares);
    }

    /** Mean work units of a pool's requests, {@code > 0}. */
    double workPerRequest(Pool pool) {
        thread.check();
        return work.computeIfAbsent(pool.name(), p -> new WorkMeter()).perRequest(pool.work());
    }

    /** Forgets what no longer exists, so that removed pools and members leave nothing behind. */
    void retain(Map<String, Pool> all) {
        thread.check();
        work.keySet().retainAll(all.keySet());
        all.forEach((name, pool) -> {
            WorkMeter meter = work.get(name);
            if (meter != null) {
                meter.retain(pool.members().stream().map(Pool.Member::provider).toList());
            }
        });
        ends.keySet().removeIf(m -> !all.containsKey(m.pool()));
    }

    /** 64 bits of a key; two records out of {@value #REMEMBERED} that share them cost one count. */
    private static long fingerprint(AccessRecord.Key key) {
        int rest = 31 * key.sidecar().hashCode() + 2 * key.attempt() + (key.kind() == AccessRecord.Kind.CALL ? 1 : 0);
        return ((long) key.requestId().hashCode() << 32) ^ (rest & 0xffff_ffffL);
    }

    private static final class Remembered extends LinkedHashMap<Long, Boolean> {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    }

    private static final class Ends {
        private long completions;
        private long failures;
        private long refusals;
        private long retries;
        private int lastStatus;
        private double answerSeconds;
        private double answerSquares;

        /** Takes back a completion that was none: which duration was its own is not known, so the mean of all goes with it. */
        private void takeBack() {
            double keep = completions > 1 ? (completions - 1.0) / completions : 0;
            answerSeconds *= keep;
            answerSquares *= keep;
            completions--;
        }

        private void completed(long durationMicros) {
            completions++;
            if (completions <= 0) {
                return; // makes up for one that was taken too much
            }
            double seconds = Math.max(0, Math.min(MAX_MICROS, durationMicros)) * 1e-6;
            answerSeconds += seconds;
            answerSquares += seconds * seconds;
        }
    }
}
