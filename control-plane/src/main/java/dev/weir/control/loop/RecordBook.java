package dev.weir.control.loop;

import dev.weir.xds.telemetry.AccessRecord;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Ends of attempts per (pool, provider) since they were taken last, from attempt records. A record that comes twice (by
 * stream and by file, or after a reconnect) counts once; the memory of what was seen is bounded by {@link #REMEMBERED}.
 *
 * <p>Completions are 2xx ends; no answer, a cut one, 408, 429 and 5xx are failures. An attempt that the client left
 * ({@code DC}), one that was the agent's own mistake (other 4xx) and one that the provider's side refused before the
 * provider saw it (a bounce, counted as such) are neither: they say nothing of the provider.
 *
 * <p>Owned by the loop's thread.
 */
final class RecordBook {
    static final int REMEMBERED = 32_768;

    private final LinkedHashMap<Long, Boolean> seen = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };
    private final Map<Member, Ends> ends = new HashMap<>();
    private final Map<String, WorkMeter> work = new HashMap<>();

    /** What ended. */
    record Member(String pool, String provider) {}

    /** Counts since taken last. */
    record Counts(long completions, long failures, long retries, long bounces) {
        static final Counts NONE = new Counts(0, 0, 0, 0);
    }

    void add(AccessRecord record) {
        if (record.pool().isEmpty() || seen.putIfAbsent(fingerprint(record.key()), Boolean.TRUE) != null) {
            return;
        }
        if (record.kind() == AccessRecord.Kind.CALL) {
            AccessRecord.Usage usage = record.usage();
            if (usage != null && record.completed()) {
                work.computeIfAbsent(record.pool(), p -> new WorkMeter()).add(usage);
            }
            return;
        }
        if (record.provider().isEmpty()) {
            return;
        }
        Ends to = ends.computeIfAbsent(new Member(record.pool(), record.provider()), m -> new Ends());
        if (record.bounced()) {
            to.bounces++;
        } else if (record.completed()) {
            to.completions++;
        } else if (isFailure(record)) {
            to.failures++;
        }
        if (record.attempt() >= 2) {
            to.retries++;
        }
    }

    /** No answer, a cut one, or one that says that the provider could not: 408, 429, 5xx. Other 4xx are the agent's. */
    private static boolean isFailure(AccessRecord record) {
        int status = record.status();
        boolean refused = status == 408 || status == 429 || status >= 500;
        return !record.flags().contains("DC") && (refused || status < 300);
    }

    Counts take(String pool, String provider) {
        Ends found = ends.remove(new Member(pool, provider));
        return found == null
                ? Counts.NONE
                : new Counts(found.completions, found.failures, found.retries, found.bounces);
    }

    /** Mean usage seen in a pool's completed calls. */
    WorkMeter work(String pool) {
        return work.computeIfAbsent(pool, p -> new WorkMeter());
    }

    /** Forgets what no longer exists, so that removed pools leave nothing behind. */
    void retainPools(Set<String> pools) {
        work.keySet().retainAll(pools);
        ends.keySet().removeIf(m -> !pools.contains(m.pool()));
    }

    /** 64 bits of a key; two records out of {@value #REMEMBERED} that share them cost one count. */
    private static long fingerprint(AccessRecord.Key key) {
        int rest = 31 * key.sidecar().hashCode() + 2 * key.attempt() + (key.kind() == AccessRecord.Kind.CALL ? 1 : 0);
        return ((long) key.requestId().hashCode() << 32) ^ (rest & 0xffff_ffffL);
    }

    private static final class Ends {
        private long completions;
        private long failures;
        private long retries;
        private long bounces;
    }
}
