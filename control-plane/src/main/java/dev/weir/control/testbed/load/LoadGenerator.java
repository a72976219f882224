package dev.weir.control.testbed.load;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Sends planned calls at their time, whatever became of the earlier ones (open loop), by turns through several sidecars.
 * Its thread is one event loop.
 */
public final class LoadGenerator implements AutoCloseable {
    private final EventLoop loop;
    private final List<HttpPool> sidecars;
    private final String host;
    private final String model;
    private final LongSupplier nanoClock;

    /**
     * @param loop thread that sends and receives
     * @param sidecars where calls go, in turn
     * @param model the model that is asked for
     * @param nanoClock monotonic
     */
    public LoadGenerator(EventLoop loop, List<InetSocketAddress> sidecars, String model, LongSupplier nanoClock) {
        this.loop = loop;
        this.sidecars = sidecars.stream().map(to -> new HttpPool(loop, to)).toList();
        this.host = sidecars.get(0).getHostString();
        this.model = model;
        this.nanoClock = nanoClock;
    }

    /** Starts to send {@code plan}; offsets count from {@code startNanos}. */
    public LoadRun start(List<PlannedCall> plan, long startNanos) {
        LoadRun run = new LoadRun(plan, startNanos, loop, nanoClock, this::send);
        run.begin();
        return run;
    }

    private void send(PlannedCall call, HttpPool.Listener listener) {
        byte[] body = body(call).toString().getBytes(StandardCharsets.UTF_8);
        FullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, HttpMethod.POST, "/v1/chat/completions", Unpooled.wrappedBuffer(body));
        request.headers()
                .set(HttpHeaderNames.HOST, host)
                .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .setInt(HttpHeaderNames.CONTENT_LENGTH, body.length);
        sidecars.get(call.number() % sidecars.size()).send(request, listener);
    }

    private ObjectNode body(PlannedCall call) {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("model", model);
        root.putArray("messages")
                .addObject()
                .put("role", "user")
                .put("content", "Call " + call.number() + ": what does a weir do?");
        root.putObject("metadata").put("job", Double.toString(call.job()));
        if (call.streamed()) {
            root.put("stream", true);
            if (call.asksUsage()) {
                root.putObject("stream_options").put("include_usage", true);
            }
        }
        return root;
    }

    /** Cuts every connection; calls still open fail. */
    @Override
    public void close() {
        loop.submit(() -> sidecars.forEach(HttpPool::close)).syncUninterruptibly();
    }
}
