package dev.weir.control.testbed.provider;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.xds.wire.WeirHeaders;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to a provider: one request at a time, and an eye on whether the caller is still there. */
final class RequestHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(RequestHandler.class);
    private static final String CHAT = "/v1/chat/completions";
    private static final String MODELS = "/v1/models";

    private final DemoProvider provider;
    private @Nullable Exchange exchange;

    RequestHandler(DemoProvider provider) {
        this.provider = provider;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        if (exchange != null && !exchange.ended()) {
            ChannelFuture unused = ctx.close(); // pipelining, which no client of an LLM needs
            return;
        }
        exchange = null;
        String path = request.uri().split("\\?", 2)[0];
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        if (request.decoderResult().isFailure()) {
            reply(ctx, false, badRequest("request: not HTTP/1.1"));
        } else if (path.equals(CHAT) && request.method().equals(HttpMethod.POST)) {
            chat(ctx, request, keepAlive);
        } else if (path.equals(MODELS) && request.method().equals(HttpMethod.GET)) {
            reply(ctx, keepAlive, Replies.json(HttpResponseStatus.OK, models()));
        } else if (path.equals(CHAT) || path.equals(MODELS)) {
            reply(
                    ctx,
                    keepAlive,
                    Replies.error(
                            HttpResponseStatus.METHOD_NOT_ALLOWED,
                            "invalid_request_error",
                            "method_not_allowed",
                            request.method() + " " + path + " (expected: POST " + CHAT + " or GET " + MODELS + ")"));
        } else {
            reply(
                    ctx,
                    keepAlive,
                    Replies.error(
                            HttpResponseStatus.NOT_FOUND,
                            "invalid_request_error",
                            "unknown_url",
                            "unknown path (expected: POST " + CHAT + " or GET " + MODELS + ")"));
        }
    }

    /** The attempt's number, as a sidecar says, or a plain Envoy before it. */
    private static int attempt(HttpHeaders headers) {
        return headers.getInt(WeirHeaders.ATTEMPT, headers.getInt("x-envoy-attempt-count", 1));
    }

    private void chat(ChannelHandlerContext ctx, FullHttpRequest request, boolean keepAlive) {
        String requestId = request.headers().get(WeirHeaders.REQUEST_ID, "");
        long arrived = provider.attempted(requestId, attempt(request.headers()));
        try {
            ChatRequest chat = ChatRequest.parse(ByteBufUtil.getBytes(request.content()));
            if (!chat.model().equals(provider.spec().model())) {
                refuse(
                        ctx,
                        keepAlive,
                        Replies.error(
                                HttpResponseStatus.NOT_FOUND,
                                "invalid_request_error",
                                "model_not_found",
                                "model: unknown (expected: " + provider.spec().model() + ")"));
            } else if (!provider.hasRoom()) {
                FullHttpResponse busy = Replies.error(
                        HttpResponseStatus.TOO_MANY_REQUESTS,
                        "rate_limit_error",
                        "queue_full",
                        "the queue is full (expected: fewer than " + DemoProvider.QUEUE_LIMIT + " waiting)");
                busy.headers().set(WeirHeaders.RETRY_AFTER_MILLIS, "1000");
                refuse(ctx, keepAlive, busy);
            } else {
                Exchange admitted = new Exchange(provider, ctx, keepAlive, chat, arrived);
                exchange = admitted;
                admitted.admit();
            }
        } catch (ChatRequest.Refused e) {
            refuse(ctx, keepAlive, badRequest(String.valueOf(e.getMessage())));
        }
    }

    private void refuse(ChannelHandlerContext ctx, boolean keepAlive, FullHttpResponse error) {
        provider.refused();
        reply(ctx, keepAlive, error);
    }

    private static FullHttpResponse badRequest(String message) {
        return Replies.error(HttpResponseStatus.BAD_REQUEST, "invalid_request_error", "bad_request", message);
    }

    private static void reply(ChannelHandlerContext ctx, boolean keepAlive, FullHttpResponse reply) {
        HttpUtil.setKeepAlive(reply, keepAlive);
        var written = ctx.writeAndFlush(reply);
        if (!keepAlive) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private ObjectNode models() {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("object", "list");
        root.putArray("data")
                .addObject()
                .put("id", provider.spec().model())
                .put("object", "model")
                .put("created", 0)
                .put("owned_by", provider.spec().name());
        return root;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.callerLeft();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            LOG.warn("{} cuts a connection", provider.spec().name(), cause);
        }
        ChannelFuture unused = ctx.close(); // ends in channelInactive
    }
}
