package dev.weir.control.server;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.weir.control.testbed.provider.DemoProvider;
import dev.weir.control.testbed.provider.ProviderCounts;
import java.util.concurrent.locks.LockSupport;

/** The most requests that a provider ever had at once, looked at each 5 ms. */
final class InFlight implements AutoCloseable {
    private final Thread thread;
    private volatile boolean stopping;
    private volatile int most;

    InFlight(DemoProvider provider) {
        thread = new Thread(
                () -> {
                    while (!stopping) {
                        ProviderCounts counts = provider.counts();
                        most = Math.max(most, counts.waiting() + counts.inService());
                        LockSupport.parkNanos(5_000_000);
                    }
                },
                "in-flight");
        thread.start();
    }

    int most() {
        return most;
    }

    @Override
    public void close() {
        stopping = true;
        Uninterruptibles.joinUninterruptibly(thread);
    }
}
