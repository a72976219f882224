package dev.weir.control.envoy;

import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import dev.weir.control.model.Config;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Provider;
import dev.weir.control.model.Retries;
import dev.weir.xds.resource.NewerFields;
import dev.weir.xds.wire.WeirHeaders;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Retries of one pool's requests, on another provider each time: drawn anew among those that were not tried. A refusal by a side
 * takes none of the pool's retries, so there is one more: further attempts are never refused so that they would be tried again.
 * Whether a call may be tried again at all is for the sidecar's budget to say (budget.lua).
 */
final class RetryPolicies {
    private final Pool pool;
    private final boolean sides;

    RetryPolicies(Pool pool, Config config) {
        this.pool = pool;
        this.sides = sides(pool, config);
    }

    /** Whether a refusal by a side may be among the attempts. */
    boolean sides() {
        return sides;
    }

    /** Where more than one provider can be called. */
    RetryPolicy toOthers() {
        return to(pool.retries().statuses());
    }

    /** Where one alone can be called: who has just answered is not asked again for what he answered. */
    RetryPolicy toOneAlone() {
        return to(Set.of());
    }

    /** Whether any provider of the pool has a side, which may refuse a first attempt. */
    private static boolean sides(Pool pool, Config config) {
        return pool.members().stream().anyMatch(member -> {
            Provider provider = config.providers().get(member.provider());
            return provider != null && provider.proxy().isPresent();
        });
    }

    /** @param statuses of answers that are tried again */
    private RetryPolicy to(Set<Integer> statuses) {
        Set<Retries.Condition> conditions = new TreeSet<>(pool.retries().conditions());
        if (pool.timeouts().perTry().isPresent()) {
            conditions.add(Retries.Condition.RESET);
        }
        List<String> on =
                new ArrayList<>(conditions.stream().map(Retries.Condition::word).toList());
        RetryPolicy.Builder policy = RetryPolicy.newBuilder()
                .setNumRetries(UInt32Value.of(pool.retries().most() + (sides ? 1 : 0)))
                .setPerTryIdleTimeout(PoolRoute.duration(pool.timeouts().perTryIdle()))
                .setRetryBackOff(RetryPolicy.RetryBackOff.newBuilder()
                        .setBaseInterval(Durations.fromMillis(1))
                        .setMaxInterval(Durations.fromMillis(20)));
        pool.timeouts().perTry().ifPresent(timeout -> policy.setPerTryTimeout(PoolRoute.duration(timeout)));
        if (!statuses.isEmpty()) {
            on.add("retriable-status-codes");
            policy.addAllRetriableStatusCodes(statuses);
            if (sides && conditions.contains(Retries.Condition.RESET) && !statuses.contains(502)) {
                policy.addRetriableStatusCodes(502); // what a side makes of a reset
            }
        }
        on.add("retriable-headers");
        policy.addRetriableHeaders(PoolRoute.present(WeirHeaders.OPTION_REFUSED));
        if (sides) {
            policy.addRetriableHeaders(PoolRoute.present(WeirHeaders.OVERLOADED));
        }
        return NewerFields.refreshClusterOnRetry(policy.setRetryOn(String.join(",", on)))
                .build();
    }
}
