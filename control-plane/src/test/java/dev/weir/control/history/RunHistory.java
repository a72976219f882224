package dev.weir.control.history;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;

/** What agents and providers saw themselves. */
@ThreadSafe
public final class RunHistory {
    /**
     * A call that an agent made and that was answered.
     *
     * @param requestId {@code x-request-id}
     * @param status HTTP status
     * @param whole whether the answer came whole
     * @param tokens {@code usage.total_tokens}, 0 = none seen
     * @param provider {@code weir-provider}, "" = nobody
     * @param price {@code weir-price}, -1 = missing
     * @param epoch {@code weir-epoch}, "" = missing
     */
    public record Call(
            String requestId, int status, boolean whole, long tokens, String provider, long price, String epoch) {
        boolean completed() {
            return whole && status >= 200 && status < 300;
        }
    }

    /**
     * An attempt that a provider had.
     *
     * @param attempt its number within the call, from 1
     * @param fromNanos its arrival, monotonic
     * @param toNanos its end; as {@code fromNanos} where that is not known
     */
    public record Served(String provider, String requestId, int attempt, long fromNanos, long toNanos) {}

    @GuardedBy("this")
    private final List<Call> calls = new ArrayList<>();

    @GuardedBy("this")
    private final List<Served> served = new ArrayList<>();

    @GuardedBy("this")
    private int unanswered;

    public synchronized void call(Call call) {
        calls.add(call);
    }

    /** A call of which the agent saw no answer: whether it was served is not known. */
    public synchronized void unanswered() {
        unanswered++;
    }

    public synchronized void served(Served attempt) {
        served.add(attempt);
    }

    public synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    public synchronized List<Served> served() {
        return List.copyOf(served);
    }

    public synchronized int unansweredCalls() {
        return unanswered;
    }
}
