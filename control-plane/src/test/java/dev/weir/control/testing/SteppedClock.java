package dev.weir.control.testing;

import com.google.errorprone.annotations.ThreadSafe;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** The machine's wall clock, set wrong by so much as was said last. */
@ThreadSafe
public final class SteppedClock implements InstantSource {
    private final AtomicLong aheadMillis = new AtomicLong();

    public void set(long millisAhead) {
        aheadMillis.set(millisAhead);
    }

    @Override
    public Instant instant() {
        return Instant.now().plusMillis(aheadMillis.get());
    }
}
