package dev.weir.control.store;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * A wall clock for what cannot be taken back. It follows a step ahead ten times as fast as time goes, so that a clock that is a
 * month wrong makes nothing old that day; a step back it follows at once. Whatever it says first is believed.
 */
@ThreadSafe
public final class PatientClock implements InstantSource {
    private static final int FASTEST = 10;

    private final InstantSource wall;
    private final LongSupplier nanos;

    @GuardedBy("this")
    private Instant said;

    @GuardedBy("this")
    private long atNanos;

    /** @param nanos monotonic */
    public PatientClock(InstantSource wall, LongSupplier nanos) {
        this.wall = wall;
        this.nanos = nanos;
        this.said = wall.instant();
        this.atNanos = nanos.getAsLong();
    }

    @Override
    public synchronized Instant instant() {
        long now = nanos.getAsLong();
        Instant latest = said.plus(Duration.ofNanos(now - atNanos).multipliedBy(FASTEST));
        Instant read = wall.instant();
        said = read.isAfter(latest) ? latest : read;
        atNanos = now;
        return said;
    }
}
