package dev.weir.control.testbed.load;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A plan being played. Its state belongs to the event loop; public methods may be called from any other thread. */
public final class LoadRun {
    /** Sends one call and tells the listener once what became of it. */
    interface Sender {
        void send(PlannedCall call, HttpPool.Listener listener);
    }

    private final List<PlannedCall> plan;
    private final long startNanos;
    private final EventLoop loop;
    private final LongSupplier nanoClock;
    private final Sender sender;
    private final List<CallResult> results = new ArrayList<>();
    private int sent;
    private long latestNanos;

    LoadRun(List<PlannedCall> plan, long startNanos, EventLoop loop, LongSupplier nanoClock, Sender sender) {
        this.plan = plan;
        this.startNanos = startNanos;
        this.loop = loop;
        this.nanoClock = nanoClock;
        this.sender = sender;
    }

    void begin() {
        loop.execute(this::sendDue);
    }

    private void sendDue() {
        long now = nanoClock.getAsLong();
        while (sent < plan.size() && startNanos + plan.get(sent).offsetNanos() <= now) {
            PlannedCall call = plan.get(sent++);
            latestNanos = Math.max(latestNanos, now - startNanos - call.offsetNanos());
            sender.send(call, new Answers(call));
        }
        if (sent < plan.size()) {
            long due = startNanos + plan.get(sent).offsetNanos() - nanoClock.getAsLong();
            Future<?> unused = loop.schedule(this::sendDue, Math.max(0, due), TimeUnit.NANOSECONDS);
        }
    }

    /** Monotonic time at which the plan began. */
    public long startNanos() {
        return startNanos;
    }

    /** Results from number {@code from} on, in the order in which calls ended. */
    public List<CallResult> results(int from) {
        return loop.submit(() -> List.copyOf(results.subList(Math.min(from, results.size()), results.size())))
                .syncUninterruptibly()
                .getNow();
    }

    /** Calls that have not ended, those still to be sent included. */
    public int open() {
        return loop.submit(() -> plan.size() - results.size())
                .syncUninterruptibly()
                .getNow();
    }

    /** How late the latest call was sent: a measure of whether the sender kept up. */
    public long latestNanos() {
        return loop.submit(() -> latestNanos).syncUninterruptibly().getNow();
    }

    private final class Answers implements HttpPool.Listener {
        private final PlannedCall call;

        private Answers(PlannedCall call) {
            this.call = call;
        }

        @Override
        public void replied(FullHttpResponse response) {
            long took = took();
            SeenHeaders headers = SeenHeaders.of(response.headers());
            int status = response.status().code();
            if (status / 100 != 2) {
                results.add(new CallResult(call, status, false, took, 0, 0, headers, Optional.of("status " + status)));
                return;
            }
            CallReply reply = CallReply.parse(response.content().toString(StandardCharsets.UTF_8), call.streamed());
            results.add(new CallResult(
                    call,
                    status,
                    reply.problem().isEmpty(),
                    took,
                    reply.serviceNanos(),
                    reply.tokens(),
                    headers.checkedAgainst(reply.answeredBy()),
                    reply.problem()));
        }

        @Override
        public void failed(String problem) {
            results.add(new CallResult(call, 0, false, took(), 0, 0, SeenHeaders.NONE, Optional.of(problem)));
        }

        private long took() {
            return nanoClock.getAsLong() - startNanos - call.offsetNanos();
        }
    }
}
