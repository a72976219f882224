package dev.weir.bench.loop;

import dev.weir.control.testbed.provider.Station;
import dev.weir.control.testbed.provider.StationTimer;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import java.net.InetSocketAddress;
import java.util.function.LongSupplier;

/**
 * A provider on a port of its own: a FIFO queue before equal slots; the request says how large its job is. Belongs to one
 * event loop: but for {@link #port}, {@link #server} and {@link #close} everything is called there.
 */
final class JobServer implements AutoCloseable {
    private static final int MAX_BODY_BYTES = 1 << 16;
    private static final int MAX_WAITING = 100_000;

    private final Server server;
    private final LongSupplier nanoClock;
    private final Station station;
    private final StationTimer timer;
    private final OrcaMeter meter;
    private final ChannelGroup connections;
    private final Channel listener;
    private long attempts;

    JobServer(Server server, EventLoop loop, LongSupplier nanoClock) {
        this.server = server;
        this.nanoClock = nanoClock;
        this.station = new Station(server.slots(), MAX_WAITING);
        this.timer = new StationTimer(station, loop, nanoClock, this::advance);
        this.meter = new OrcaMeter(server.slots(), nanoClock.getAsLong());
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
                        connections.add(channel);
                        channel.pipeline()
                                .addLast(
                                        new HttpServerCodec(),
                                        new HttpObjectAggregator(MAX_BODY_BYTES),
                                        new JobHandler(JobServer.this));
                    }
                })
                .bind(new InetSocketAddress("127.0.0.1", 0))
                .syncUninterruptibly()
                .channel();
    }

    Server server() {
        return server;
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    @Override
    public void close() {
        listener.close().syncUninterruptibly();
        connections.close().syncUninterruptibly();
    }

    // what follows runs on the event loop

    /** 1 = as it should be, 0 = answers nothing and holds it all. */
    void setSpeed(double speed) {
        station.setSpeed(advance(), speed);
        timer.rearm();
    }

    double speed() {
        return station.speed();
    }

    /** Jobs waiting and in service now. */
    int inSystem() {
        return station.waiting() + station.inService();
    }

    int waiting() {
        return station.waiting();
    }

    /** Requests that have arrived, tries of the same call one by one. */
    long attempts() {
        return attempts;
    }

    Station.Job admit(double size, Station.Work work) {
        attempts++;
        long service = Math.max(1, Math.round(size * server.meanServiceSeconds() * 1e9));
        Station.Job job = station.arrive(advance(), service, 1, work);
        timer.rearm();
        return job;
    }

    void cancel(Station.Job job) {
        station.cancel(advance(), job);
        timer.rearm();
    }

    /** The load report that goes with an answer; counts the answer. */
    String completed() {
        meter.completed();
        return meter.header();
    }

    private long advance() {
        long now = nanoClock.getAsLong();
        meter.advance(now, station.inService());
        station.advance(now);
        return now;
    }
}
