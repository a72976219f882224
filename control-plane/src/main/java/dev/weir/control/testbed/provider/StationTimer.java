package dev.weir.control.testbed.provider;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Brings a {@link Station} forward when its next job ends. Belongs to one event loop. */
public final class StationTimer {
    private final Station station;
    private final EventLoop loop;
    private final LongSupplier nanoClock;
    private final Runnable advance;
    private @Nullable Future<?> timer;
    private long timerAt = Long.MAX_VALUE;

    /** @param advance brings the station to the present, and whatever goes with it */
    public StationTimer(Station station, EventLoop loop, LongSupplier nanoClock, Runnable advance) {
        this.station = station;
        this.loop = loop;
        this.nanoClock = nanoClock;
        this.advance = advance;
    }

    /** To be called after everything that may have changed when the next job ends. */
    public void rearm() {
        long next = station.nextAt();
        if (next == timerAt) {
            return;
        }
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        timerAt = next;
        if (next != Long.MAX_VALUE) {
            timer = loop.schedule(this::due, Math.max(0, next - nanoClock.getAsLong()), TimeUnit.NANOSECONDS);
        }
    }

    private void due() {
        timer = null;
        timerAt = Long.MAX_VALUE;
        advance.run();
        rearm();
    }
}
