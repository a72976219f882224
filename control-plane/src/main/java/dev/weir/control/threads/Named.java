package dev.weir.control.threads;

import java.util.concurrent.ThreadFactory;

/** Threads that have a name and keep no process alive. */
public final class Named {
    private Named() {}

    public static ThreadFactory threads(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
