package dev.weir.control.up;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.weir.control.testbed.Watchdog;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Sees to it that no part outlives this process, however it ends. A watchdog that is killed itself is replaced. */
@ThreadSafe
final class Guard implements AutoCloseable {
    @GuardedBy("this")
    private final Set<Long> watched = new TreeSet<>();

    @GuardedBy("this")
    private Watchdog watchdog = new Watchdog();

    synchronized void watch(long pid) {
        watched.add(pid);
        order(dog -> dog.watch(pid));
    }

    synchronized void forget(long pid) {
        watched.remove(pid);
        order(dog -> dog.forget(pid));
    }

    @Override
    public synchronized void close() {
        order(Watchdog::close);
    }

    @GuardedBy("this")
    private void order(Consumer<Watchdog> order) {
        try {
            order.accept(watchdog);
        } catch (UncheckedIOException gone) {
            Watchdog another = new Watchdog();
            watched.forEach(another::watch);
            watchdog = another;
        }
    }
}
