package dev.weir.control.collect;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the sidecar can write its log: it counts what it could not, and says nothing. Such lines are lost; what of them
 * came over the stream is in the ledger, unconfirmed. Owned by the collector's thread.
 */
final class LogWrites {
    /** Time between two looks. */
    static final long INTERVAL_NANOS = 10_000_000_000L;

    private static final Logger log = LoggerFactory.getLogger(LogWrites.class);

    private final Optional<SidecarAdmin> admin;
    private @Nullable CompletableFuture<Long> asked;
    private long askedAt;
    private OptionalLong last = OptionalLong.empty();
    private boolean failing;

    /** Without an {@code admin} nothing is known. {@code nowNanos}: monotonic. */
    LogWrites(Optional<SidecarAdmin> admin, long nowNanos) {
        this.admin = admin;
        this.askedAt = nowNanos - INTERVAL_NANOS;
    }

    /** Asks the sidecar when that is due, and never blocks. */
    void turn(long nowNanos) {
        CompletableFuture<Long> answer = asked;
        if (answer != null && answer.isDone()) {
            asked = null;
            if (!answer.isCompletedExceptionally()) {
                heard(answer.join());
            }
        }
        if (asked == null && admin.isPresent() && nowNanos - askedAt >= INTERVAL_NANOS) {
            askedAt = nowNanos;
            asked = admin.get().failedWrites();
        }
    }

    /** Takes an answer; {@code failed}: since the sidecar's start; less than before when it started anew. */
    private void heard(long failed) {
        long before = Math.min(failed, last.orElse(0));
        last = OptionalLong.of(failed);
        if (failed > before) {
            failing = true;
            log.error(
                    "the sidecar cannot write its log: {} more writes failed, {} since its start (expected: room on its disk)",
                    failed - before,
                    failed);
        } else if (failing) {
            failing = false;
            log.info("the sidecar writes its log again");
        }
    }

    /** Whether an answer is waited for. */
    boolean asking() {
        return asked != null;
    }

    /** Whether writes failed between the last two looks. */
    boolean failing() {
        return failing;
    }
}
