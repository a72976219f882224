package dev.weir.control.loop;

import dev.weir.control.threads.OneThread;
import dev.weir.xds.telemetry.AttemptProgress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Attempts whose answers flow, per (pool, provider): those of which more bytes have come since they were last heard of. What
 * is only open does not flow. The memory of attempts is bounded by {@link #REMEMBERED}; one that is forgotten counts anew.
 *
 * <p>Belongs to the loop's thread: on any other its methods throw {@link IllegalStateException}.
 */
final class FlowingAttempts {
    static final int REMEMBERED = 32_768;

    private final OneThread thread;

    FlowingAttempts(OneThread thread) {
        this.thread = thread;
    }

    private final Map<Attempt, Long> bytes = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Attempt, Long> eldest) {
            return size() > REMEMBERED;
        }
    };
    private final Map<CompletionCounts.Member, Long> flowing = new HashMap<>();

    private record Attempt(String sidecar, String requestId, int attempt) {}

    void add(AttemptProgress progress) {
        thread.check();
        if (progress.pool().isEmpty() || progress.provider().isEmpty()) {
            return;
        }
        Attempt attempt = new Attempt(progress.sidecar(), progress.requestId(), progress.attempt());
        // taken out and put in again, so that the eldest is the one that was not heard of for longest
        Long before = bytes.remove(attempt);
        bytes.put(attempt, progress.bytes());
        if (progress.bytes() > (before == null ? 0 : before)) {
            flowing.merge(new CompletionCounts.Member(progress.pool(), progress.provider()), 1L, Long::sum);
        }
    }

    /** How many flowed since taken last. */
    long take(String pool, String provider) {
        thread.check();
        Long found = flowing.remove(new CompletionCounts.Member(pool, provider));
        return found == null ? 0 : found;
    }

    /** Forgets what no longer exists. */
    void retainPools(Set<String> pools) {
        thread.check();
        flowing.keySet().removeIf(member -> !pools.contains(member.pool()));
    }
}
