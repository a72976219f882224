package dev.weir.control.demo;

import dev.weir.control.testbed.Fleet;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What happens when: at one third something happens to the largest provider, at two thirds it is over.
 *
 * @param seconds of traffic
 * @param load offered work as a part of the true capacity before anything happens
 * @param event what happens
 * @param seed of arrivals and job sizes
 */
public record Story(int seconds, double load, Event event, long seed) {
    /** The telling that the demo's figures are promised for. */
    public static final Story DEFAULT = new Story(40, 0.6, Event.SLOW, 1);

    /** What happens to the largest provider. */
    public enum Event {
        /** it works at 30 % of its speed and tells nobody */
        SLOW(0.3),
        /** it takes requests and answers none */
        STALL(0),
        /** nothing */
        NONE(1);

        private final double speed;

        Event(double speed) {
            this.speed = speed;
        }

        double speed() {
            return speed;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whether the promised figures apply: the seed is free. */
    boolean promised() {
        return seconds == DEFAULT.seconds && load == DEFAULT.load && event == DEFAULT.event;
    }

    /** The telling of demand beyond capacity that something is promised for. */
    boolean overload() {
        return load > 1 && load <= 1.3 && event == Event.NONE && seconds >= DEFAULT.seconds;
    }

    long endNanos() {
        return TimeUnit.SECONDS.toNanos(seconds);
    }

    long eventNanos() {
        return endNanos() / 3;
    }

    long recoveryNanos() {
        return endNanos() * 2 / 3;
    }

    /** Time after a change that is not counted as settled: 2 s, in a short story less. */
    long settleNanos() {
        return Math.min(TimeUnit.SECONDS.toNanos(2), endNanos() / 12);
    }

    double callsPerSecond() {
        return load * Fleet.capacity();
    }
}
