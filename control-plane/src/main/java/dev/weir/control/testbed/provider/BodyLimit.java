package dev.weir.control.testbed.provider;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Collects a request's body up to 16 MiB; a larger one is refused with 413 in OpenAI's shape and its connection closed.
 *
 * <p>The connection is closed for writing first, and what is still sent is read and thrown away for {@value #LINGER_SECONDS} s:
 * closed at once it would be reset, and the reset takes an answer that the caller has not read yet.
 */
final class BodyLimit extends HttpObjectAggregator {
    static final int MAX_BODY_BYTES = 16 << 20;

    private static final int LINGER_SECONDS = 2;

    BodyLimit() {
        super(MAX_BODY_BYTES);
    }

    @Override
    protected void handleOversizedMessage(ChannelHandlerContext ctx, HttpMessage oversized) {
        FullHttpResponse refusal = Replies.error(
                HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                "invalid_request_error",
                "request_too_large",
                "body: more than " + MAX_BODY_BYTES + " bytes (expected: at most that)");
        HttpUtil.setKeepAlive(refusal, false);
        ctx.writeAndFlush(refusal).addListener((ChannelFutureListener) BodyLimit::linger);
    }

    private static void linger(ChannelFuture written) {
        if (written.isSuccess() && written.channel() instanceof DuplexChannel channel) {
            ChannelFuture unused = channel.shutdownOutput();
            Future<?> end = channel.eventLoop().schedule(() -> close(channel), LINGER_SECONDS, TimeUnit.SECONDS);
            channel.closeFuture().addListener(closed -> end.cancel(false));
        } else {
            close(written.channel());
        }
    }

    private static void close(Channel channel) {
        ChannelFuture unused = channel.close();
    }
}
