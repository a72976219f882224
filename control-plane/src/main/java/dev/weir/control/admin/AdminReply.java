package dev.weir.control.admin;

import java.nio.charset.StandardCharsets;

/**
 * One answer.
 *
 * @param status HTTP status
 * @param type content type
 * @param body bytes, made before the first of them is sent: a handler that fails never leaves half an answer
 */
@SuppressWarnings("ArrayRecordComponent") // written once, read once
record AdminReply(int status, String type, byte[] body) {
    static AdminReply json(Object view) {
        return new AdminReply(200, "application/json", Json.bytes(view));
    }

    static AdminReply text(int status, String text) {
        return new AdminReply(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    /** {@code {"error": {"message": ...}}}. */
    static AdminReply error(int status, String message) {
        return new AdminReply(status, "application/json", Json.bytes(new Failure(new Message(message))));
    }

    private record Failure(Message error) {}

    private record Message(String message) {}
}
