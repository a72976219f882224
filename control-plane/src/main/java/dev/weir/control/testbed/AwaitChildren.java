package dev.weir.control.testbed;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for something by asking again and again. */
public final class AwaitChildren {
    private static final long PAUSE_MILLIS = 20;

    private final Children children;

    /** @param children waiting ends with a failure when one of them ends */
    public AwaitChildren(Children children) {
        this.children = children;
    }

    /**
     * @param what is waited for, as told when it does not come
     * @param question empty = not yet
     */
    public <T> T until(String what, Duration atMost, Supplier<Optional<T>> question) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (true) {
            Optional<T> answer = question.get();
            if (answer.isPresent()) {
                return answer.get();
            }
            children.mustRun();
            if (System.nanoTime() > deadline) {
                throw new TestbedFailure(what + ": not within " + atMost.toSeconds() + " s");
            }
            pause(PAUSE_MILLIS);
        }
    }

    /** Waits until a condition holds. */
    public void untilTrue(String what, Duration atMost, BooleanSupplier question) {
        boolean unused = until(what, atMost, () -> question.getAsBoolean() ? Optional.of(true) : Optional.empty());
    }

    /** Waits until a condition holds, or for {@code atMost}: what is then not so, is seen by what follows. */
    public void untilOr(Duration atMost, BooleanSupplier question) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!question.getAsBoolean() && System.nanoTime() < deadline) {
            children.mustRun();
            pause(PAUSE_MILLIS);
        }
    }

    /** Sleeps for a while; interrupted, it fails: everything is ending. */
    public static void pause(long millis) {
        try {
            Thread.sleep(Math.max(0, millis));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TestbedFailure("interrupted");
        }
    }
}
