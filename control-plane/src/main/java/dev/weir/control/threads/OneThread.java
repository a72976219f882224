package dev.weir.control.threads;

import java.util.concurrent.atomic.AtomicReference;

/**
 * The thread that some state belongs to. What is owned calls {@link #check} wherever it is entered, so that a call from elsewhere
 * fails at once and says so, where a lock that is missing would make wrong figures now and then.
 *
 * <p>Always on, as it costs a comparison: threads meet in earnest where assertions are off.
 */
public final class OneThread {
    private final AtomicReference<Thread> owner = new AtomicReference<>();

    /**
     * Makes the caller the owner if there is none yet.
     *
     * @throws IllegalStateException if another thread is the owner
     */
    public void own() {
        boolean unused = owner.compareAndSet(null, Thread.currentThread());
        check();
    }

    /**
     * Passes on the owner's thread, and on any before there is an owner: what is owned may be made elsewhere.
     *
     * @throws IllegalStateException if another thread is the owner
     */
    public void check() {
        Thread expected = owner.get();
        Thread caller = Thread.currentThread();
        if (expected != null && expected != caller) {
            throw new IllegalStateException(
                    "caller: thread " + caller.getName() + " (expected: " + expected.getName() + ", and no other)");
        }
    }
}
