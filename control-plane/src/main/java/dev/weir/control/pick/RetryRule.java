package dev.weir.control.pick;

import dev.weir.control.pick.MeshView.PoolView;
import dev.weir.xds.telemetry.AccessRecord;
import org.jspecify.annotations.Nullable;

/** What an attempt's record says of its grant. */
final class RetryRule {
    private RetryRule() {}

    /** Whether the sidecar will have tried again, by what the pool's route tells it to retry. */
    static boolean isRetried(AccessRecord attempt, @Nullable PoolView pool) {
        if (pool == null || attempt.attempt() > pool.retries || attempt.flags().contains("DC")) {
            return false;
        }
        if (attempt.status() != 0) {
            return attempt.bounced() || pool.retriedStatuses.contains(attempt.status());
        }
        return pool.cutIsRetried || (pool.unreachedIsRetried && attempt.flags().contains("UF"));
    }
}
