package dev.weir.control.model;

import java.time.Duration;

/** How a pool's requests find their provider: {@code ProviderPool.spec.admission} and what belongs to it. */
public sealed interface Admission {
    /** {@code mesh}, the default: sidecars draw from the pushed split; no call of ours per request. */
    record Mesh() implements Admission {}

    /**
     * {@code governed}: a check asks the control plane for each request.
     *
     * @param onUnavailable {@code spec.onUnavailable}, default {@code open}
     * @param queue {@code spec.queue}
     */
    record Governed(OnUnavailable onUnavailable, Queue queue) implements Admission {}

    /** What becomes of a request when nobody answers its check. */
    enum OnUnavailable {
        /** it is routed by the pushed split */
        OPEN,
        /** it is refused */
        CLOSED
    }

    /** Where requests wait for a provider. */
    sealed interface Queue {
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
