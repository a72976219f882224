package dev.weir.control.testbed.provider;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * An OpenAI-compatible provider on a port of its own: {@code POST /v1/chat/completions} (JSON and SSE), {@code GET
 * /v1/models}. Requests wait first come, first served for one of its slots and stay in service for job size times mean
 * service time; the job size is {@code metadata.job} or, where the caller says none, drawn from the exponential
 * distribution with mean 1. A caller that leaves frees its place.
 *
 * <p>All its state belongs to one event loop; public methods may be called from any other thread.
 */
public final class DemoProvider implements AutoCloseable {
    /** Requests that may wait; more are refused with 429. */
    static final int QUEUE_LIMIT = 10_000;

    private static final int ATTEMPTS_KEPT = 100_000;
    private static final int MAX_CONNECTIONS = 2 * QUEUE_LIMIT;

    private final ProviderSpec spec;
    private final EventLoop loop;
    private final LongSupplier nanoClock;
    private final InstantSource wallClock;
    private final RandomGenerator random;
    private final Station station;
    private final StationTimer timer;
    private final ChannelGroup connections;
    private final Channel listener;
    private final List<AttemptSeen> attemptsSeen = new ArrayList<>();
    private long answers;
    private long attempts;
    private long completed;
    private long refused;
    private long cancelled;
    private long tokens;

    private DemoProvider(
            ProviderSpec spec,
            int port,
            EventLoop loop,
            LongSupplier nanoClock,
            InstantSource wallClock,
            RandomGenerator random) {
        this.wallClock = wallClock;
        this.spec = spec;
        this.loop = loop;
        this.nanoClock = nanoClock;
        this.random = random;
        this.station = new Station(spec.slots(), QUEUE_LIMIT);
        this.timer = new StationTimer(station, loop, nanoClock, () -> station.advance(nanoClock.getAsLong()));
        this.connections = new DefaultChannelGroup(loop);
        this.listener = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOCATOR, new UnpooledByteBufAllocator(false))
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accept(channel);
                    }
                })
                .bind(new InetSocketAddress("127.0.0.1", port))
                .syncUninterruptibly()
                .channel();
    }

    /**
     * Listens on the loopback address.
     *
     * @param port 0 = any free one
     * @param loop thread that serves it; several providers may share one
     */
    public static DemoProvider start(
            ProviderSpec spec,
            int port,
            EventLoop loop,
            LongSupplier nanoClock,
            InstantSource wallClock,
            RandomGenerator random) {
        return new DemoProvider(spec, port, loop, nanoClock, wallClock, random);
    }

    private void accept(SocketChannel channel) {
        if (connections.size() >= MAX_CONNECTIONS) {
            ChannelFuture unused = channel.close();
            return;
        }
        connections.add(channel);
        channel.pipeline().addLast(new HttpServerCodec(), new BodyLimit(), new RequestHandler(this));
    }

    public ProviderSpec spec() {
        return spec;
    }

    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Changes the speed from now on, also of what is in service: 1 = as declared, 0 = answers nothing and holds it all. */
    public void setSpeed(double speed) {
        if (!(speed >= 0 && speed <= 100)) {
            throw new IllegalArgumentException("speed: " + speed + " (expected: 0 to 100)");
        }
        loop.submit(() -> {
                    station.setSpeed(nanoClock.getAsLong(), speed);
                    timer.rearm();
                })
                .syncUninterruptibly();
    }

    public ProviderCounts counts() {
        return loop.submit(() -> new ProviderCounts(
                        station.waiting(),
                        station.inService(),
                        station.speed(),
                        attempts,
                        completed,
                        refused,
                        cancelled,
                        tokens))
                .syncUninterruptibly()
                .getNow();
    }

    /** The attempts seen since the last call of this method, in the order of their arrival; at most 100 000 are kept. */
    public List<AttemptSeen> takeAttempts() {
        return loop.submit(() -> {
                    List<AttemptSeen> taken = List.copyOf(attemptsSeen);
                    attemptsSeen.clear();
                    return taken;
                })
                .syncUninterruptibly()
                .getNow();
    }

    /** Stops listening and cuts every connection. */
    @Override
    public void close() {
        listener.close().syncUninterruptibly();
        connections.close().syncUninterruptibly();
    }

    // what follows runs on the event loop

    /** Counts an attempt; it is then either refused or admitted. */
    long attempted(String requestId, int attempt) {
        long now = nanoClock.getAsLong();
        attempts++;
        if (attemptsSeen.size() < ATTEMPTS_KEPT) {
            attemptsSeen.add(new AttemptSeen(requestId, attempt, now));
        }
        return now;
    }

    /** Whether there is room for one more. */
    boolean hasRoom() {
        station.advance(nanoClock.getAsLong());
        return station.hasRoom();
    }

    Station.Job admit(double job, int parts, Station.Work work) {
        long serviceNanos = Math.max(1, Math.round(job * spec.meanServiceNanos()));
        Station.Job admitted = station.arrive(nanoClock.getAsLong(), serviceNanos, parts, work);
        timer.rearm();
        return admitted;
    }

    double drawJob() {
        return -Math.log1p(-random.nextDouble());
    }

    /** Head of a new answer: a number of its own and the time of day. */
    Answer newAnswer(ChatRequest request, long completionTokens) {
        return new Answer(
                "chatcmpl-" + spec.name() + "-" + ++answers,
                wallClock.instant().getEpochSecond(),
                request,
                completionTokens);
    }

    void cancelled(Station.Job job) {
        cancelled++;
        station.cancel(nanoClock.getAsLong(), job);
        timer.rearm();
    }

    void completed(long totalTokens) {
        completed++;
        tokens += totalTokens;
    }

    void refused() {
        refused++;
    }
}
