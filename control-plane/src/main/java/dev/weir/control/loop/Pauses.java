package dev.weir.control.loop;

import dev.weir.control.loop.Contrast.Verdict;
import dev.weir.control.model.Pool;
import dev.weir.control.threads.OneThread;
import dev.weir.xds.wire.ClusterName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Providers that want to be left alone for a while, by pool: until then they get probe traffic only, as do those that refuse what others
 * complete. Where nobody would be left, nobody pauses: then it is better to ask than to refuse.
 */
final class Pauses {
    /** What such a one answers: too many requests. */
    private static final int STATUS = 429;

    private final OneThread thread;
    private final Map<String, Long> untilNanos = new HashMap<>();

    Pauses(OneThread thread) {
        this.thread = thread;
    }

    void add(Event.Paused event) {
        thread.check();
        event.clusters().forEach(cluster -> untilNanos.put(cluster, event.untilNanos()));
    }

    /** Forgets all that is no member of these pools. */
    void retain(Map<String, Pool> pools) {
        thread.check();
        Set<String> clusters = new HashSet<>();
        pools.values()
                .forEach(pool ->
                        pool.members().forEach(member -> clusters.add(ClusterName.of(pool.name(), member.provider()))));
        untilNanos.keySet().retainAll(clusters);
    }

    /** By provider, the status with which it refuses this pool's requests now, 0 = it does not. */
    Map<String, Integer> refusals(String pool, Map<String, Verdict> verdicts, long nowNanos) {
        thread.check();
        untilNanos.values().removeIf(until -> until - nowNanos <= 0);
        Map<String, Integer> refusals = new HashMap<>();
        verdicts.forEach((provider, verdict) -> refusals.put(provider, verdict.refusal()));
        if (!untilNanos.isEmpty()) {
            Map<String, Integer> paused = new HashMap<>(refusals);
            paused.replaceAll((provider, status) ->
                    status == 0 && untilNanos.containsKey(ClusterName.of(pool, provider)) ? STATUS : status);
            return paused.containsValue(0) ? paused : refusals;
        }
        return refusals;
    }
}
