package dev.weir.xds.server;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListener;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.grpc.netty.shaded.io.netty.util.AttributeKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What the peer of one connection has read: HTTP/2 frames come in order, so who answers a ping has read what was written before
 * it. One ping at a time, and no more than {@value #PER_SECOND} a second: each answers for all that was written since the last.
 *
 * <p>Belongs to the connection's event loop.
 */
final class PingReceipts extends Http2FrameListenerDecorator {
    private static final AttributeKey<PingReceipts> KEY = AttributeKey.valueOf("weir-ping-receipts");
    /** Tells our pings from those of gRPC. */
    private static final long PAYLOAD = 0x77656972_72656164L;

    private static final int PER_SECOND = 20;
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1) / PER_SECOND;
    /** Of one who answers no ping no more is remembered. */
    private static final int MOST = 16_384;

    private final ChannelHandlerContext context;
    private final Http2ConnectionHandler connection;
    /** What waits for the answer to the ping that is under way. */
    private List<Runnable> asked = new ArrayList<>();
    /** What was written since. */
    private List<Runnable> written = new ArrayList<>();

    private boolean due;
    private boolean underWay;
    private long pingedNanos = System.nanoTime() - PAUSE_NANOS;

    private PingReceipts(ChannelHandlerContext context, Http2ConnectionHandler connection, Http2FrameListener next) {
        super(next);
        this.context = context;
        this.connection = connection;
    }

    /** Of a connection; empty when it is closing. */
    static Optional<PingReceipts> of(Channel channel) {
        PingReceipts known = channel.attr(KEY).get();
        if (known != null) {
            return Optional.of(known);
        }
        ChannelHandlerContext context = channel.pipeline().context(Http2ConnectionHandler.class);
        if (context == null) {
            return Optional.empty();
        }
        Http2ConnectionHandler connection = (Http2ConnectionHandler) context.handler();
        PingReceipts made =
                new PingReceipts(context, connection, connection.decoder().frameListener());
        connection.decoder().frameListener(made);
        channel.attr(KEY).set(made);
        return Optional.of(made);
    }

    /** Runs {@code deed} when the peer has read what has been written by now; never, if the connection ends before. */
    void whenRead(Runnable deed) {
        if (written.size() + asked.size() < MOST) {
            written.add(deed);
            pingSoon();
        }
    }

    private void pingSoon() {
        if (!due && !underWay && !written.isEmpty()) {
            long pause = PAUSE_NANOS - (System.nanoTime() - pingedNanos);
            due = true;
            if (pause <= 0) {
                ping();
            } else {
                var unused = context.executor().schedule(this::ping, pause, TimeUnit.NANOSECONDS);
            }
        }
    }

    private void ping() {
        due = false;
        if (context.isRemoved() || !context.channel().isActive()) {
            return;
        }
        underWay = true;
        pingedNanos = System.nanoTime();
        asked = written;
        written = new ArrayList<>();
        var unused = connection.encoder().writePing(context, false, PAYLOAD, context.newPromise());
        context.flush();
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext from, long data) throws Http2Exception {
        if (data != PAYLOAD) {
            super.onPingAckRead(from, data);
            return;
        }
        if (underWay) {
            underWay = false;
            List<Runnable> read = asked;
            asked = new ArrayList<>();
            read.forEach(Runnable::run);
            pingSoon();
        }
    }
}
