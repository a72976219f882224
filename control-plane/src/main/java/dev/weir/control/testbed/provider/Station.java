package dev.weir.control.testbed.provider;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * A FIFO queue in front of {@code s} equal slots whose speed may change while jobs are in service. Pure: it reads no clock
 * and starts no timer; its owner says what time it is and calls {@link #advance} at {@link #nextAt()}.
 *
 * <p>Free of drift: a slot that was due at E but is looked at later serves its next job from E on, so a late timer loses
 * no capacity. Not safe for several threads.
 */
public final class Station {
    /** Told what happens to a job; times are those at which it was due, which may be earlier than now. */
    public interface Work {
        void started(long atNanos);

        /** Part {@code number} (from 1) of {@code parts} is done; the last part is told as {@link #finished}. */
        void part(int number);

        void finished(long atNanos);
    }

    private final int slots;
    private final int queueLimit;
    private final ArrayDeque<Job> queue = new ArrayDeque<>();
    private final PriorityQueue<Job> inService = new PriorityQueue<>(
            Comparator.comparingLong((Job job) -> job.nextAt).thenComparingLong(job -> job.number));
    private double speed = 1;
    private long numbers;

    /**
     * @param slots jobs served at once, {@code >= 1}
     * @param queueLimit jobs that may wait, {@code >= 0}
     */
    public Station(int slots, int queueLimit) {
        this.slots = slots;
        this.queueLimit = queueLimit;
    }

    /** Whether {@link #arrive} would take a job now. */
    public boolean hasRoom() {
        return inService.size() < slots || queue.size() < queueLimit;
    }

    /**
     * Takes a job; only when {@link #hasRoom()} after {@code advance(nowNanos)}.
     *
     * @param serviceNanos its service time at speed 1, {@code >= 1}
     * @param parts equal parts in which it is served, {@code >= 1}
     */
    public Job arrive(long nowNanos, long serviceNanos, int parts, Work work) {
        advance(nowNanos);
        if (!hasRoom()) {
            throw new IllegalStateException("station: " + queue.size() + " waiting (expected: < " + queueLimit + ")");
        }
        Job job = new Job(numbers++, serviceNanos, parts, work);
        queue.add(job);
        startWaiting(nowNanos);
        return job;
    }

    /** Takes a job out, whether it waits or is in service; one that has finished stays finished. */
    public void cancel(long nowNanos, Job job) {
        advance(nowNanos);
        if (inService.remove(job)) {
            startWaiting(nowNanos);
        } else {
            queue.remove(job);
        }
    }

    /** Changes the speed from now on, for jobs in service too; 0 = stands still, 1 = as declared. */
    public void setSpeed(long nowNanos, double speed) {
        advance(nowNanos);
        Job[] jobs = inService.toArray(Job[]::new);
        inService.clear();
        for (Job job : jobs) {
            job.partNanos -= (nowNanos - job.since) * this.speed;
            job.since = nowNanos;
            job.nextAt = dueAt(nowNanos, job.partNanos, speed);
            inService.add(job);
        }
        this.speed = speed;
    }

    /** Lets everything happen that was due up to now, in the order in which it was due. */
    public void advance(long nowNanos) {
        for (Job job = inService.peek(); job != null && job.nextAt <= nowNanos; job = inService.peek()) {
            inService.remove();
            long at = job.nextAt;
            job.partsDone++;
            if (job.partsDone < job.parts) {
                serve(job, at);
                job.work.part(job.partsDone);
            } else {
                job.work.finished(at);
                startWaiting(at);
            }
        }
    }

    /** When something is due next; {@link Long#MAX_VALUE} = nothing is. */
    public long nextAt() {
        Job next = inService.peek();
        return next == null ? Long.MAX_VALUE : next.nextAt;
    }

    public int waiting() {
        return queue.size();
    }

    public int inService() {
        return inService.size();
    }

    public double speed() {
        return speed;
    }

    private void startWaiting(long atNanos) {
        while (inService.size() < slots && !queue.isEmpty()) {
            Job job = queue.remove();
            serve(job, atNanos);
            job.work.started(atNanos);
        }
    }

    private void serve(Job job, long atNanos) {
        job.partNanos = (double) job.serviceNanos / job.parts;
        job.since = atNanos;
        job.nextAt = dueAt(atNanos, job.partNanos, speed);
        inService.add(job);
    }

    private static long dueAt(long atNanos, double partNanos, double speed) {
        return speed > 0 ? atNanos + Math.round(Math.max(0, partNanos) / speed) : Long.MAX_VALUE;
    }

    /** A job in the queue or in a slot. */
    public static final class Job {
        private final long number;
        private final long serviceNanos;
        private final int parts;
        private final Work work;
        private int partsDone;
        /** what is left of the current part at {@link #since}, nanoseconds at speed 1 */
        private double partNanos;

        private long since;
        private long nextAt;

        private Job(long number, long serviceNanos, int parts, Work work) {
            this.number = number;
            this.serviceNanos = serviceNanos;
            this.parts = parts;
            this.work = work;
        }
    }
}
