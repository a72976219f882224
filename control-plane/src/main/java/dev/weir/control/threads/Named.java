package dev.weir.control.threads;

import java.util.concurrent.ThreadFactory;

/** Threads that have a name. */
public final class Named {
    private Named() {}

    /**
     * One that runs for as long as its owner: an exception that ends it is an error, as nothing else does its work.
     *
     * @param body ends when its owner ends
     */
    public static Thread loop(String name, Runnable body) {
        return new Thread(
                () -> {
                    try {
                        body.run();
                    } catch (RuntimeException e) {
                        throw new AssertionError(name + " must not end", e);
                    }
                },
                name);
    }

    /** Of an executor; they keep no process alive. */
    public static ThreadFactory threads(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
