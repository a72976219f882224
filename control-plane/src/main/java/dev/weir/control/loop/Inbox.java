package dev.weir.control.loop;

import com.google.errorprone.annotations.ThreadSafe;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The one queue into the loop. Any thread offers, the loop's thread drains.
 *
 * <p>Telemetry is bounded: what comes when {@code capacity} events wait is dropped and counted, since gauges are replaced by
 * the next report and records come again from the file. Configuration, declarations, addresses and connections are never
 * dropped: they are rare and each matters.
 */
@ThreadSafe
public final class Inbox {
    private final int capacity;
    private final ConcurrentLinkedQueue<Event> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();

    /** Holds at most {@code capacity} telemetry events, {@code > 0}. */
    public Inbox(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity: " + capacity + " (expected: at least 1)");
        }
        this.capacity = capacity;
    }

    /** Puts an event into the queue, and never blocks. */
    public void offer(Event event) {
        boolean telemetry =
                event instanceof Event.Load || event instanceof Event.Records || event instanceof Event.Progress;
        if (telemetry && waiting.get() >= capacity) {
            dropped.incrementAndGet();
            return;
        }
        waiting.incrementAndGet();
        queue.add(event);
    }

    /** Everything that waits now, oldest first. */
    List<Event> drain() {
        int n = waiting.get();
        List<Event> events = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            Event event = queue.poll();
            if (event == null) {
                break; // counted but not yet linked: the next tick takes it
            }
            events.add(event);
        }
        waiting.addAndGet(-events.size());
        return events;
    }

    /** Events waiting. */
    public int size() {
        return waiting.get();
    }

    /** Telemetry events dropped since the start. */
    public long dropped() {
        return dropped.get();
    }
}
