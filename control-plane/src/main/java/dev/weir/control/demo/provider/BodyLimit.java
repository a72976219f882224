package dev.weir.control.demo.provider;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;

/** Collects a request's body up to 16 MiB; a larger one is refused with 413 in OpenAI's shape and its connection closed. */
final class BodyLimit extends HttpObjectAggregator {
    static final int MAX_BODY_BYTES = 16 << 20;

    BodyLimit() {
        super(MAX_BODY_BYTES);
    }

    @Override
    protected void handleOversizedMessage(ChannelHandlerContext ctx, HttpMessage oversized) {
        ctx.writeAndFlush(Replies.error(
                        HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                        "invalid_request_error",
                        "request_too_large",
                        "body: more than " + MAX_BODY_BYTES + " bytes (expected: at most that)"))
                .addListener(ChannelFutureListener.CLOSE);
    }
}
