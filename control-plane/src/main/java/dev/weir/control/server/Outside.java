package dev.weir.control.server;

import dev.weir.control.loop.Addresses;
import dev.weir.control.model.Failpoints;
import dev.weir.control.threads.Named;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;

/**
 * What a control plane has from the machine that it runs on, so that a test can give it something else.
 *
 * @param names looks host names up
 * @param clock wall clock; what waits and what times out goes by monotonic time
 * @param nanoTime monotonic clock
 * @param random draws the pauses between attempts to reach the chain
 * @param workers runs what is not done on the loop's thread
 * @param failpoints {@link Failpoints#NONE} outside tests
 */
public record Outside(
        Addresses.Lookup names,
        InstantSource clock,
        LongSupplier nanoTime,
        SplittableRandom random,
        Workers workers,
        Failpoints failpoints) {
    /** What a control plane has in life. */
    public static Outside real() {
        return new Outside(
                InetAddress::getAllByName,
                InstantSource.system(),
                System::nanoTime,
                new SplittableRandom(),
                new Workers() {},
                Failpoints.NONE);
    }

    Outside withNames(Addresses.Lookup other) {
        return new Outside(other, clock, nanoTime, random, workers, failpoints);
    }

    Outside withClock(InstantSource other) {
        return new Outside(names, other, nanoTime, random, workers, failpoints);
    }

    Outside withFailpoints(Failpoints other) {
        return new Outside(names, clock, nanoTime, random, workers, other);
    }

    /** Makes executors; whoever asks for one ends it. */
    public interface Workers {
        /** @param size threads, at most */
        default ExecutorService pool(String name, int size) {
            return Executors.newFixedThreadPool(size, Named.threads(name));
        }

        /** One thread that repeats. */
        default ScheduledExecutorService repeating(String name) {
            return Executors.newSingleThreadScheduledExecutor(Named.threads(name));
        }
    }
}
