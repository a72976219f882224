package dev.weir.xds.wire;

import java.util.Locale;

/** Errors that the mesh itself answers with, as OpenAI's clients read them: a fixed word, and the class it belongs to. */
public enum ErrorCode {
    AMBIGUOUS_PATH(Type.INVALID_REQUEST_ERROR),
    CHECK_FAILED(Type.API_ERROR),
    CHECK_UNAVAILABLE(Type.API_ERROR),
    CONNECT_NOT_SUPPORTED(Type.INVALID_REQUEST_ERROR),
    INVALID_CHECK(Type.INVALID_REQUEST_ERROR),
    INVALID_POOL(Type.INVALID_REQUEST_ERROR),
    INVALID_REQUEST_ID(Type.INVALID_REQUEST_ERROR),
    MODEL_NOT_FOUND(Type.INVALID_REQUEST_ERROR),
    NO_PROVIDER(Type.RATE_LIMIT_ERROR),
    NOT_A_CONSUMER(Type.PERMISSION_ERROR),
    NOT_FOUND(Type.INVALID_REQUEST_ERROR),
    ORIGIN_NOT_ALLOWED(Type.INVALID_REQUEST_ERROR),
    OVERLOADED(Type.RATE_LIMIT_ERROR),
    PROVIDER_CLOSED(Type.API_ERROR),
    PROVIDER_REDIRECTED(Type.API_ERROR),
    PROVIDER_UNAVAILABLE(Type.API_ERROR),
    QUEUE_FULL(Type.RATE_LIMIT_ERROR),
    QUEUE_TIMEOUT(Type.RATE_LIMIT_ERROR),
    REQUEST_ID_IN_USE(Type.INVALID_REQUEST_ERROR),
    REQUEST_TOO_LARGE(Type.INVALID_REQUEST_ERROR),
    TIMEOUT(Type.TIMEOUT_ERROR),
    UNKNOWN_POOL(Type.INVALID_REQUEST_ERROR),
    WEBSOCKET_NOT_SUPPORTED(Type.INVALID_REQUEST_ERROR);

    /** OpenAI's classes of errors. */
    public enum Type {
        API_ERROR,
        INVALID_REQUEST_ERROR,
        PERMISSION_ERROR,
        RATE_LIMIT_ERROR,
        TIMEOUT_ERROR;

        /** {@code error.type}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Type type;

    ErrorCode(Type type) {
        this.type = type;
    }

    public Type type() {
        return type;
    }

    /** {@code error.code}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
