package dev.weir.control.testbed.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.ChannelGroupFuture;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpUtil;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1 connections to one address, as many as there are calls open. All of it belongs to one event loop. */
public final class HttpPool {
    private static final int MAX_REPLY_BYTES = 4 << 20;
    private static final int MAX_CONNECTIONS = 8_000;
    private static final int CONNECT_MILLIS = 5_000;

    /** Told once what became of a call: the reply (valid during the call only), or why there is none. */
    public interface Listener {
        void replied(FullHttpResponse reply);

        void failed(String problem);
    }

    private final Bootstrap bootstrap;
    private final ChannelGroup connections;
    private final ArrayDeque<Connection> idle = new ArrayDeque<>();

    public HttpPool(EventLoop loop, InetSocketAddress address) {
        this.connections = new DefaultChannelGroup(loop);
        this.bootstrap = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .option(ChannelOption.ALLOCATOR, new UnpooledByteBufAllocator(false))
                .remoteAddress(address)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(
                                        new HttpClientCodec(),
                                        new HttpObjectAggregator(MAX_REPLY_BYTES),
                                        new Connection());
                    }
                });
    }

    /** Sends a request over an idle connection or a new one. */
    public void send(FullHttpRequest request, Listener listener) {
        Connection free = idle.pollLast();
        if (free != null) {
            free.send(request, listener);
        } else if (connections.size() >= MAX_CONNECTIONS) {
            request.release();
            listener.failed("more than " + MAX_CONNECTIONS + " calls open");
        } else {
            ChannelFuture unused = bootstrap.connect().addListener((ChannelFuture connected) -> {
                if (connected.isSuccess()) {
                    Channel channel = connected.channel();
                    connections.add(channel);
                    channel.pipeline().get(Connection.class).send(request, listener);
                } else {
                    request.release();
                    listener.failed(String.valueOf(connected.cause().getMessage()));
                }
            });
        }
    }

    /** Cuts every connection; open calls fail. */
    public void close() {
        ChannelGroupFuture unused = connections.close();
    }

    private final class Connection extends SimpleChannelInboundHandler<FullHttpResponse> {
        private @Nullable ChannelHandlerContext context;
        private @Nullable Listener waiting;

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            context = ctx;
        }

        void send(FullHttpRequest request, Listener listener) {
            waiting = listener;
            if (context != null) {
                ChannelFuture unused = context.writeAndFlush(request).addListener(written -> {
                    if (!written.isSuccess()) {
                        cut(String.valueOf(written.cause().getMessage()));
                    }
                });
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse reply) {
            end(listener -> listener.replied(reply));
            if (HttpUtil.isKeepAlive(reply)) {
                idle.addLast(this);
            } else {
                ChannelFuture unused = ctx.close();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            idle.remove(this);
            end(listener -> listener.failed("the connection was closed before the answer"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            cut(String.valueOf(cause.getMessage()));
        }

        private void cut(String problem) {
            end(listener -> listener.failed(problem));
            if (context != null) {
                ChannelFuture unused = context.close();
            }
        }

        private void end(Consumer<Listener> outcome) {
            Listener listener = waiting;
            waiting = null;
            if (listener != null) {
                outcome.accept(listener);
            }
        }
    }
}
