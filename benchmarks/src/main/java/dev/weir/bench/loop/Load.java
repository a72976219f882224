package dev.weir.bench.loop;

import dev.weir.control.testbed.load.HttpPool;
import dev.weir.xds.wire.WeirHeaders;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Sends jobs at their time whatever became of earlier ones (open loop), through the sidecars by turns; what it measures counts
 * from the intended time. Belongs to one event loop; {@link #start}, {@link #open} and {@link #end} are for any other thread.
 */
final class Load {
    private final List<Job> jobs;
    private final List<HttpPool> sidecars;
    private final List<byte[]> bodies;
    private final EventLoop loop;
    private final LongSupplier nanoClock;
    private final Outcome[] outcomes;
    private final long[] lateNanos;
    private long startNanos;
    private int sent;
    private int ended;

    Load(List<Job> jobs, List<Plant.Pool> pools, List<InetSocketAddress> sidecars, EventLoop loop, LongSupplier clock) {
        this.jobs = jobs;
        this.sidecars = sidecars.stream().map(to -> new HttpPool(loop, to)).toList();
        this.bodies = pools.stream().map(Load::body).toList();
        this.loop = loop;
        this.nanoClock = clock;
        this.outcomes = new Outcome[jobs.size()];
        this.lateNanos = new long[jobs.size()];
    }

    /** @param startNanos offsets of jobs count from here */
    void start(long startNanos) {
        loop.execute(() -> {
            this.startNanos = startNanos;
            sendDue();
        });
    }

    /** Jobs that have no outcome yet. */
    int open() {
        return loop.submit(() -> jobs.size() - ended).syncUninterruptibly().getNow();
    }

    /**
     * What came of a run's jobs.
     *
     * @param outcomes one per job, by number
     * @param lateNanos of each job, how long after its time it was sent
     */
    record Result(List<Outcome> outcomes, List<Long> lateNanos) {}

    /** Ends it: connections are cut, and jobs without an answer are open for ever. */
    Result end() {
        return loop.submit(() -> {
                    long now = nanoClock.getAsLong();
                    List<Outcome> all = new ArrayList<>();
                    List<Long> late = new ArrayList<>();
                    for (Job job : jobs) {
                        Outcome known = outcomes[job.number()];
                        all.add(
                                known != null
                                        ? known
                                        : new Outcome(job, Outcome.OPEN, now - startNanos - job.offsetNanos(), 0, 1));
                        late.add(lateNanos[job.number()]);
                    }
                    sidecars.forEach(HttpPool::close);
                    return new Result(all, late);
                })
                .syncUninterruptibly()
                .getNow();
    }

    private void sendDue() {
        long now = nanoClock.getAsLong();
        while (sent < jobs.size() && startNanos + jobs.get(sent).offsetNanos() <= now) {
            Job job = jobs.get(sent++);
            lateNanos[job.number()] = now - startNanos - job.offsetNanos();
            sidecars.get(job.number() % sidecars.size()).send(request(job), new Answer(job));
        }
        if (sent < jobs.size()) {
            long due = startNanos + jobs.get(sent).offsetNanos() - nanoClock.getAsLong();
            Future<?> unused = loop.schedule(this::sendDue, Math.max(0, due), TimeUnit.NANOSECONDS);
        }
    }

    private FullHttpRequest request(Job job) {
        byte[] body = bodies.get(job.pool());
        FullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, HttpMethod.POST, "/v1/chat/completions", Unpooled.wrappedBuffer(body));
        request.headers()
                .set(HttpHeaderNames.HOST, "bench")
                .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .setInt(HttpHeaderNames.CONTENT_LENGTH, body.length)
                .set(Headers.JOB, Double.toString(job.size()))
                .set(Headers.POOL, Integer.toString(job.pool()));
        return request;
    }

    private static byte[] body(Plant.Pool pool) {
        return ("{\"model\":\"" + pool.name() + "\",\"messages\":[{\"role\":\"user\",\"content\":\"work\"}]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private final class Answer implements HttpPool.Listener {
        private final Job job;

        private Answer(Job job) {
            this.job = job;
        }

        @Override
        public void replied(FullHttpResponse reply) {
            HttpHeaders headers = reply.headers();
            long service = 1000L * headers.getInt(Headers.SERVICE, 0);
            // the control plane's header, or Envoy's own
            int attempts = headers.getInt(WeirHeaders.ATTEMPTS, headers.getInt("x-envoy-attempt-count", 1));
            end(reply.status().code(), service, attempts);
        }

        @Override
        public void failed(String problem) {
            end(0, 0, 1);
        }

        private void end(int status, long serviceNanos, int attempts) {
            if (outcomes[job.number()] == null) {
                long took = nanoClock.getAsLong() - startNanos - job.offsetNanos();
                outcomes[job.number()] = new Outcome(job, status, took, serviceNanos, attempts);
                ended++;
            }
        }
    }
}
