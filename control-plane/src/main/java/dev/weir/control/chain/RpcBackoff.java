package dev.weir.control.chain;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Waiting times between attempts: each twice as long as the one before up to a limit, of which a random half to all is waited. */
final class RpcBackoff {
    private final Duration first;
    private final Duration max;
    private final RandomGenerator random;
    private Duration next;

    RpcBackoff(Duration first, Duration max, RandomGenerator random) {
        this.first = first;
        this.max = max;
        this.random = random;
        this.next = first;
    }

    Duration next() {
        Duration whole = next.compareTo(max) < 0 ? next : max;
        next = whole.multipliedBy(2);
        return Duration.ofNanos((long) (whole.toNanos() * (0.5 + 0.5 * random.nextDouble())));
    }

    void reset() {
        next = first;
    }
}
