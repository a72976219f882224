package dev.weir.control.testbed.provider;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One admitted chat request, from its arrival to the last byte of its answer. */
final class Exchange implements Station.Work {
    /** A stream's words come in this many chunks, evenly over its time in service. */
    static final int STREAM_PARTS = 4;

    /** Words in the answer to a job of size 1. */
    private static final double TOKENS_PER_UNIT = 16;

    private final DemoProvider provider;
    private final ChannelHandlerContext ctx;
    private final boolean keepAlive;
    private final ChatRequest request;
    private final double jobSize;
    private final long arrivedNanos;
    private final Answer answer;
    private Station.@Nullable Job job;
    private long startedNanos;
    private boolean ended;

    Exchange(
            DemoProvider provider,
            ChannelHandlerContext ctx,
            boolean keepAlive,
            ChatRequest request,
            long arrivedNanos) {
        this.provider = provider;
        this.ctx = ctx;
        this.keepAlive = keepAlive;
        this.request = request;
        this.jobSize = request.job().orElseGet(provider::drawJob);
        this.arrivedNanos = arrivedNanos;
        long completionTokens = Math.min(request.completionLimit(), 1 + Math.round(jobSize * TOKENS_PER_UNIT));
        this.answer = provider.newAnswer(request, completionTokens);
    }

    void admit() {
        job = provider.admit(jobSize, request.stream() ? STREAM_PARTS : 1, this);
    }

    boolean ended() {
        return ended;
    }

    void callerLeft() {
        if (!ended && job != null) {
            ended = true;
            provider.cancelled(job);
        }
    }

    @Override
    public void started(long atNanos) {
        startedNanos = atNanos;
        if (!request.stream() || ended) {
            return;
        }
        HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream")
                .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_CACHE)
                .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        HttpUtil.setKeepAlive(head, keepAlive);
        send(head);
        send(new DefaultHttpContent(event(answer.opening().toString())));
        ctx.flush();
    }

    @Override
    public void part(int number) {
        if (!ended) {
            send(new DefaultHttpContent(event(answer.part(number, STREAM_PARTS).toString())));
            ctx.flush();
        }
    }

    @Override
    public void finished(long atNanos) {
        if (ended) {
            return;
        }
        ended = true;
        provider.completed(answer.totalTokens());
        ObjectNode demo = JsonNodeFactory.instance
                .objectNode()
                .put("provider", provider.spec().name())
                .put("wait_micros", TimeUnit.NANOSECONDS.toMicros(startedNanos - arrivedNanos))
                .put("service_micros", TimeUnit.NANOSECONDS.toMicros(atNanos - startedNanos));
        if (request.stream()) {
            ByteBuf tail = Unpooled.wrappedBuffer(
                    event(answer.part(STREAM_PARTS, STREAM_PARTS).toString()),
                    event(answer.closing(demo).toString()),
                    request.includeUsage() ? event(answer.usageChunk().toString()) : Unpooled.EMPTY_BUFFER,
                    event("[DONE]"));
            close(ctx.writeAndFlush(new DefaultLastHttpContent(tail)));
        } else {
            FullHttpResponse reply = Replies.json(HttpResponseStatus.OK, answer.completion(demo));
            HttpUtil.setKeepAlive(reply, keepAlive);
            close(ctx.writeAndFlush(reply));
        }
    }

    /**
     * Writes a part of the answer. A write that fails closes the connection, and that ends the exchange: nothing to look at
     * here.
     */
    private void send(Object part) {
        ChannelFuture unused = ctx.write(part);
    }

    private void close(ChannelFuture written) {
        if (!keepAlive) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private static ByteBuf event(String data) {
        return Unpooled.copiedBuffer("data: " + data + "\n\n", StandardCharsets.UTF_8);
    }
}
