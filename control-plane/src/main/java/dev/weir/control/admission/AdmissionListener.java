package dev.weir.control.admission;

import com.google.errorprone.annotations.ThreadSafe;

/** Told what becomes of checks; must return at once. */
@ThreadSafe
public interface AdmissionListener {
    /** How a check ended. */
    enum Outcome {
        /** a provider was picked */
        PICKED,
        /** asked again: the same pick */
        REPEATED,
        /** 429: the pool's queue is full */
        FULL,
        /** 429: waited as long as one may */
        EXPIRED,
        /** 429: no provider can take requests */
        NO_PROVIDER,
        /** the one who asked left while it waited */
        LEFT,
        /** passed without a pick: the pool is not governed (any more), or nothing is decided yet */
        PASSED,
        /** there is no such pool */
        UNKNOWN_POOL,
        /** the request id is in use */
        IN_USE
    }

    /** @param pool "" = unknown */
    void checked(String pool, Outcome outcome);

    /** Told how long a check was held before it was picked, refused or left. */
    void held(String pool, long nanos);
}
