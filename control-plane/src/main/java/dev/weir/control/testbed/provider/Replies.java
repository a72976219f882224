package dev.weir.control.testbed.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;

/** Whole HTTP replies. */
final class Replies {
    private Replies() {}

    static FullHttpResponse json(HttpResponseStatus status, JsonNode body) {
        ByteBuf bytes = Unpooled.copiedBuffer(body.toString(), StandardCharsets.UTF_8);
        FullHttpResponse reply = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, bytes);
        reply.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .setInt(HttpHeaderNames.CONTENT_LENGTH, bytes.readableBytes());
        return reply;
    }

    static FullHttpResponse error(HttpResponseStatus status, String type, String code, String message) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.putObject("error")
                .put("message", message)
                .put("type", type)
                .putNull("param")
                .put("code", code);
        return json(status, root);
    }
}
