package dev.weir.xds.server;

import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/** The threads that accept and read, and the listening socket with its {@link Gate}. */
final class Sockets implements AutoCloseable {
    private final boolean epoll = Epoll.isAvailable();
    private final EventLoopGroup accepting = group("weir-accept", 1);
    private final EventLoopGroup reading =
            group("weir-io", Math.max(2, Runtime.getRuntime().availableProcessors()));

    private EventLoopGroup group(String name, int threads) {
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), io);
    }

    void serve(NettyServerBuilder server, Gate gate) {
        server.bossEventLoopGroup(accepting).workerEventLoopGroup(reading).channelFactory(() -> listening(gate));
    }

    private ServerChannel listening(Gate gate) {
        ServerChannel channel = epoll ? new EpollServerSocketChannel() : new NioServerSocketChannel();
        channel.pipeline().addLast(gate);
        return channel;
    }

    /** To be called when the server has ended. */
    @Override
    public void close() {
        var unused = accepting.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        unused = reading.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
