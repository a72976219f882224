package dev.weir.control.collect;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees space: a log that is large and delivered is renamed, and the sidecar is asked to open a new one until it has. The
 * renamed file is deleted by {@link Tails} once storage has all of it.
 *
 * <p>Nothing is renamed while the control plane is away: the file could not be deleted, and one large file is as good as many.
 */
final class Rotation {
    private static final Logger log = LoggerFactory.getLogger(Rotation.class);
    /** A sidecar that agreed opens the log with its next line, so it is not asked again at once. */
    private static final long AGREED_NANOS = 5_000_000_000L;

    private final Optional<SidecarAdmin> admin;
    private final long maxBytes;
    private final RedialBackoff backoff;
    private @Nullable CompletableFuture<Void> asked;
    private long notBefore;
    private boolean reported;

    /** Without an {@code admin} nothing is renamed. */
    Rotation(Optional<SidecarAdmin> admin, long maxBytes, RedialBackoff backoff) {
        this.admin = admin;
        this.maxBytes = maxBytes;
        this.backoff = backoff;
    }

    void turn(Tails tails, long nowNanos) throws IOException {
        CompletableFuture<Void> answer = asked;
        if (answer != null) {
            if (!answer.isDone()) {
                return;
            }
            asked = null;
            notBefore = nowNanos + (answer.isCompletedExceptionally() ? failed(answer) : AGREED_NANOS);
        }
        Optional<Tail> live = tails.live();
        if (live.isPresent()) {
            // one at a time, and nearly delivered: what is renamed is soon deleted
            if (live.get().file().size() > maxBytes && live.get().behind() < Tail.CHUNK && !tails.hasRenamed()) {
                rename(tails, live.get(), nowNanos);
            }
        } else if (tails.hasRenamed() && admin.isPresent() && nowNanos - notBefore >= 0) {
            asked = admin.get().reopenLogs();
        }
    }

    private void rename(Tails tails, Tail live, long nowNanos) throws IOException {
        if (admin.isPresent()) {
            tails.rename();
            backoff.reset();
            reported = false;
            notBefore = nowNanos;
        } else if (!reported) {
            reported = true;
            log.warn(
                    "{}: {} bytes (expected: at most {}); its space cannot be freed without --envoy-admin",
                    live.file().path(),
                    live.file().size(),
                    maxBytes);
        }
    }

    private long failed(CompletableFuture<Void> answer) {
        if (!reported) {
            reported = true;
            try {
                answer.join();
            } catch (CompletionException e) {
                log.warn(
                        "the sidecar's admin port does not reopen the log: {}; asking again",
                        String.valueOf(e.getCause()));
            }
        }
        return backoff.nextNanos();
    }
}
