package dev.weir.bench.loop;

import dev.weir.control.testbed.provider.Station;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** One connection to a provider: a job at a time, given up when the caller leaves. */
final class JobHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final byte[] ANSWER =
            ("{\"object\":\"chat.completion\",\"model\":\"bench\",\"choices\":[{\"index\":0,"
                            + "\"message\":{\"role\":\"assistant\",\"content\":\"done\"},\"finish_reason\":\"stop\"}],"
                            + "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}}")
                    .getBytes(StandardCharsets.UTF_8);

    private final JobServer server;
    private @Nullable Visit visit;

    JobHandler(JobServer server) {
        this.server = server;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        double size = size(request);
        if (visit != null || !(size >= 0 && size <= 1e6)) {
            // pipelined, or not from this benchmark
            FullHttpResponse refusal =
                    new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.BAD_REQUEST);
            refusal.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, 0);
            ChannelFuture unused = ctx.writeAndFlush(refusal);
            return;
        }
        Visit admitted = new Visit(ctx);
        visit = admitted;
        admitted.job = server.admit(size, admitted);
    }

    private static double size(FullHttpRequest request) {
        try {
            return Double.parseDouble(request.headers().get(Headers.JOB, ""));
        } catch (NumberFormatException e) {
            return Double.NaN; // refused by the caller of this method
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        Visit left = visit;
        visit = null;
        if (left != null && left.job != null) {
            server.cancel(left.job);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            throw new IllegalStateException(server.server().name(), cause);
        }
        ChannelFuture unused = ctx.close(); // ends in channelInactive
    }

    private final class Visit implements Station.Work {
        private final ChannelHandlerContext ctx;
        private Station.@Nullable Job job;
        private long startedNanos;

        private Visit(ChannelHandlerContext ctx) {
            this.ctx = ctx;
        }

        @Override
        public void started(long atNanos) {
            startedNanos = atNanos;
        }

        @Override
        public void part(int number) {}

        @Override
        public void finished(long atNanos) {
            String load = server.completed();
            if (visit != this) {
                return; // the caller has left
            }
            visit = null;
            FullHttpResponse answer = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.wrappedBuffer(ANSWER));
            answer.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                    .setInt(HttpHeaderNames.CONTENT_LENGTH, ANSWER.length)
                    .set(Headers.SERVICE, Long.toString((atNanos - startedNanos) / 1000))
                    .set("endpoint-load-metrics", load);
            ChannelFuture unused = ctx.writeAndFlush(answer);
        }
    }
}
