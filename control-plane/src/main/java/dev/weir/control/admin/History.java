package dev.weir.control.admin;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.weir.control.metrics.Latencies.Latency;
import dev.weir.control.model.Image;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * The last {@value #POINTS} moments, oldest first; fewer when the mesh is so large that they would hold more than
 * {@value #NUMBERS} numbers (4 MiB).
 */
@ThreadSafe
public final class History {
    /** Five minutes at one point per second. */
    public static final int POINTS = 300;

    static final int NUMBERS = 1_000_000;

    @GuardedBy("this")
    private final Deque<HistoryPoint> points = new ArrayDeque<>();

    @GuardedBy("this")
    private long numbers;

    synchronized void add(Image image, Map<String, Latency> latencies) {
        HistoryPoint point = HistoryPoint.of(image, latencies, points.peekLast());
        points.addLast(point);
        numbers += point.size();
        while (points.size() > POINTS || (numbers > NUMBERS && points.size() > 1)) {
            numbers -= points.removeFirst().size();
        }
    }

    /** The points after {@code millis} (wall clock), oldest first. */
    public synchronized List<HistoryPoint> since(long millis) {
        List<HistoryPoint> found = new ArrayList<>();
        for (HistoryPoint point : points) {
            if (point.atMillis() > millis) {
                found.add(point);
            }
        }
        return found;
    }
}
