package dev.weir.control.pick;

import dev.weir.control.pick.MeshView.PoolView;
import dev.weir.xds.telemetry.AccessRecord;
import org.jspecify.annotations.Nullable;

/** What an attempt's record says of its grant. */
final class Ends {
    private Ends() {}

    /** Whether the sidecar will have tried again, by what the pool's route tells it to retry. */
    static boolean isRetried(AccessRecord attempt, @Nullable PoolView pool) {
        if (pool == null || attempt.attempt() > pool.retries || attempt.flags().contains("DC")) {
            return false;
        }
        boolean refused = attempt.bounced() || attempt.status() == 429 || attempt.status() == 503;
        boolean neverConnected = attempt.status() == 0 && attempt.flags().contains("UF");
        boolean slow = attempt.status() == 0 && pool.slowIsRetried;
        return refused || neverConnected || slow;
    }
}
