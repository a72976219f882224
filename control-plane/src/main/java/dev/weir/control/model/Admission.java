package dev.weir.control.model;

import java.time.Duration;
import java.util.Optional;

/**
 * How a pool's requests are let in and find their provider: {@code ProviderPool.spec.admission} and what belongs to it.
 * {@code mesh}, the default, is neither a check nor a pick, {@code governed} is both.
 *
 * @param check empty = sidecars ask nobody
 * @param pick empty = sidecars draw from the pushed split
 */
public record Admission(Optional<Check> check, Optional<Pick> pick) {
    /** No call of ours per request. */
    public static final Admission MESH = new Admission(Optional.empty(), Optional.empty());

    /** @throws IllegalArgumentException for a pick without the check that it answers */
    public Admission {
        if (pick.isPresent() && check.isEmpty()) {
            throw new IllegalArgumentException("admission: a pick without a check (expected: both, or a check alone)");
        }
    }

    /** Each request is checked, and picked for. */
    public static Admission governed(OnUnavailable onUnavailable, Queue queue) {
        return new Admission(Optional.of(new Check(onUnavailable)), Optional.of(new Pick(queue)));
    }

    /**
     * A sidecar asks the control plane for each request.
     *
     * @param onUnavailable {@code spec.onUnavailable}, default {@code open}
     */
    public record Check(OnUnavailable onUnavailable) {}

    /**
     * The answer names a provider.
     *
     * @param queue {@code spec.queue}
     */
    public record Pick(Queue queue) {}

    /** What becomes of a request when nobody answers its check. */
    public enum OnUnavailable {
        /** it is routed by the pushed split */
        OPEN,
        /** it is refused */
        CLOSED
    }

    /** Where requests wait for a provider. */
    public sealed interface Queue {
        /** Not said: as {@link Pool} with its defaults where the mean service time is above half a second, else as {@link Provider}. */
        record Auto() implements Queue {}

        /** {@code provider}: in front of the one that was picked. */
        record Provider() implements Queue {}

        /**
         * {@code pool}, or {@code {requests: N, time: D}}: in the control plane, until a provider has room.
         *
         * @param requests most that wait, 1 - 100 000, default 2 000
         * @param time longest wait, 10 ms - 5 min and below {@code maxStreamDuration}, default 30 s
         */
        record Pool(int requests, Duration time) implements Queue {
            public static final Pool DEFAULT = new Pool(2_000, Duration.ofSeconds(30));

            /** The default, its time cut to half of what a call may last. */
            public static Pool within(Duration maxStreamDuration) {
                Duration half = maxStreamDuration.dividedBy(2);
                return new Pool(DEFAULT.requests, DEFAULT.time.compareTo(half) <= 0 ? DEFAULT.time : half);
            }
        }
    }
}
