package dev.weir.control.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import dev.weir.xds.resource.TypedStructs;
import dev.weir.xds.wire.ErrorCode;
import dev.weir.xds.wire.ErrorCode.Type;
import dev.weir.xds.wire.WeirHeaders;
import dev.weir.xds.wire.WeirMetadata;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLogFilter;
import io.envoyproxy.envoy.config.accesslog.v3.ExtensionFilter;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Answers that Envoy makes itself, in the shape of OpenAI's errors. A provider's own errors pass as they are, and so do
 * direct responses, which bring their body along.
 */
final class Errors {
    /** About how long an agent should wait that nobody can serve now, milliseconds. */
    static final String RETRY_ABOUT_MILLIS = "1000";

    /** Bytes of a request's body that are too many to be sent thrice. */
    private static final int LARGE_BODY_BYTES = 1 << 20;

    private Errors() {}

    /** An error's body. {@code message} may hold Envoy's command operators. */
    static SubstitutionFormatString body(String message, ErrorCode code) {
        return body(message, code.type(), null, code.word());
    }

    /** An error's body; every argument may hold Envoy's command operators. */
    private static SubstitutionFormatString body(String message, Type type, @Nullable String param, String code) {
        Value.Builder parameter = param == null
                ? Value.newBuilder().setNullValue(NullValue.NULL_VALUE)
                : Value.newBuilder().setStringValue(param);
        Struct error = TypedStructs.struct(Map.of(
                        "message", message, "type", type.word(), "code", code, "request_id", "%REQ(X-REQUEST-ID)%"))
                .toBuilder()
                .putFields("param", parameter.build())
                .build();
        return SubstitutionFormatString.newBuilder()
                .setJsonFormat(Struct.newBuilder()
                        .putFields(
                                "error",
                                Value.newBuilder().setStructValue(error).build()))
                .setContentType("application/json")
                .build();
    }

    static SubstitutionFormatString unknownModel() {
        return body(
                "The model '" + WeirMetadata.ofRequest(RequestFacts.MODEL, 256)
                        + "' does not exist here; GET /v1/models lists those that do.",
                ErrorCode.MODEL_NOT_FOUND.type(),
                RequestFacts.MODEL,
                ErrorCode.MODEL_NOT_FOUND.word());
    }

    /** The error of a body that names no model, in the words of the script that read it. */
    static SubstitutionFormatString problem(@Nullable String param) {
        return body(
                WeirMetadata.ofRequest(RequestFacts.MESSAGE),
                Type.INVALID_REQUEST_ERROR,
                param,
                WeirMetadata.ofRequest(RequestFacts.PROBLEM));
    }

    static SubstitutionFormatString unknownPath() {
        return body(
                "There is no %REQ(:METHOD)% %PATH(NQ):256% here: no pool serves this operation.", ErrorCode.NOT_FOUND);
    }

    /** The error of a pool that lists what it serves. */
    static SubstitutionFormatString unservedBy(String pool) {
        return body(
                "The pool " + pool + " does not serve %REQ(:METHOD)% %PATH(NQ):256%: it is none of its operations.",
                ErrorCode.NOT_FOUND);
    }

    /** The error of what a provider might take for another path than the one that was looked at. */
    static SubstitutionFormatString ambiguousPath() {
        return body(
                "The path holds an escaped slash or backslash, or dots with a parameter (expected: a path that can be read"
                        + " in one way only).",
                ErrorCode.AMBIGUOUS_PATH);
    }

    static SubstitutionFormatString unknownOrigin() {
        return body(
                "Pages of %REQ(ORIGIN):256% may not call this mesh (expected: an origin of Mesh.spec.cors.origins).",
                ErrorCode.ORIGIN_NOT_ALLOWED);
    }

    /** The error that is said in a redirecting provider's place; whereto it points is no agent's business. */
    static SubstitutionFormatString redirected() {
        return body(
                "The provider answered with a redirect (%RESP(:STATUS)%), which is not followed: it would lead past the"
                        + " mesh. Its endpoint (host, port, tls) or the path should be the one that it redirects to.",
                ErrorCode.PROVIDER_REDIRECTED);
    }

    private static SubstitutionFormatString asItIs() {
        return SubstitutionFormatString.newBuilder()
                .setTextFormatSource(DataSource.newBuilder().setInlineString("%LOCAL_REPLY_BODY%"))
                .setContentType("application/json")
                .build();
    }

    static SubstitutionFormatString noProvider() {
        return body("No provider of this pool can take requests now.", ErrorCode.NO_PROVIDER);
    }

    static SubstitutionFormatString overloaded() {
        return body("Overloaded; try again.", ErrorCode.OVERLOADED);
    }

    /** The error with Envoy's own words, in our shape. */
    static SubstitutionFormatString unavailable() {
        return body("%LOCAL_REPLY_BODY%", ErrorCode.PROVIDER_UNAVAILABLE);
    }

    /** The replies that Envoy makes itself, for the connection manager. The first mapper that fits shapes the answer. */
    static LocalReplyConfig localReplies() {
        // refusals by a check and by scripts bring their own body along
        String ours = "response.code >= 400 && response.code_details != 'direct_response'"
                + " && response.code_details != 'ext_authz_denied' && response.code_details != 'lua_response'";
        return LocalReplyConfig.newBuilder()
                // what stands for a redirect: it alone has no details, and brings its body along but not the body's
                // type
                .addMappers(mapper("response.code == 502 && response.code_details == ''", asItIs()))
                // 426 says that another protocol would do; some clients then go on in HTTP, and none takes it for a
                // wrong key
                .addMappers(
                        refused(
                                ours + " && response.code_details == 'upgrade_failed'",
                                426,
                                ErrorCode.WEBSOCKET_NOT_SUPPORTED,
                                "WebSockets are not served here (expected: the same request over HTTP, streamed where wanted)."))
                .addMappers(refused(
                        ours + " && request.method == 'CONNECT'",
                        405,
                        ErrorCode.CONNECT_NOT_SUPPORTED,
                        "No tunnels are made here (expected: requests to this address itself, over HTTP)."))
                .addMappers(mapper(
                        ours + " && response.code == 413"
                                + " && request.headers['content-type'].matches('(?i)^ *multipart/form-data')",
                        body(
                                "The form is larger than " + WeirMetadata.ofRoute(WeirMetadata.BODY_LIMIT)
                                        + " bytes; forms of any size pass to a"
                                        + " pool that takes their path (pathPrefix) and renames no model.",
                                ErrorCode.REQUEST_TOO_LARGE)))
                .addMappers(mapper(
                        ours + " && response.code == 413",
                        body(
                                "The request's body is larger than " + WeirMetadata.ofRoute(WeirMetadata.BODY_LIMIT)
                                        + " bytes.",
                                ErrorCode.REQUEST_TOO_LARGE)))
                .addMappers(comeBack(
                        ours + " && response.code_details == 'ext_authz_error'",
                        body("Nobody answers who could admit this request; try again.", ErrorCode.CHECK_UNAVAILABLE)))
                .addMappers(shedUnseen(ours + " && response.code_details == 'overload'"))
                .addMappers(shed(ours + " && (response.code_details == 'overflow'"
                        + " || response.code_details == 'no_healthy_upstream'"
                        + " || response.code_details == 'cluster_not_found')"))
                .addMappers(closedOnLargeBody(ours + " && (response.code_details.contains('connection_termination')"
                        + " || response.code_details.contains('remote_reset'))"))
                .addMappers(mapper(
                        ours + " && (response.code == 408 || response.code == 504)",
                        body("%LOCAL_REPLY_BODY%", ErrorCode.TIMEOUT)))
                .addMappers(mapper(
                        ours + " && response.code < 500",
                        body(
                                "The sidecar refused the request: %RESPONSE_CODE_DETAILS%.",
                                Type.INVALID_REQUEST_ERROR, null, "%RESPONSE_CODE_DETAILS%")))
                .addMappers(unavailable(ours + " && response.code == 503"))
                .addMappers(mapper(ours, unavailable()))
                .build();
    }

    /**
     * The reply where a provider closed on a large body: it has most likely seen enough of it, and an agent that
     * tries again would send all of it again, to be answered the same.
     *
     * @param expression that the provider closed
     */
    static ResponseMapper closedOnLargeBody(String expression) {
        return mapper(
                        expression + " && request.size > " + LARGE_BODY_BYTES,
                        body(
                                "The provider closed the connection while it was sent a body of more than "
                                        + LARGE_BODY_BYTES
                                        + " bytes, and gave no reason; it may not take as much.",
                                ErrorCode.PROVIDER_CLOSED))
                .toBuilder()
                .setStatusCode(UInt32Value.of(502))
                .addHeadersToAdd(Headers.set(WeirHeaders.SHOULD_RETRY, "false"))
                .build();
    }

    private static ResponseMapper shed(String expression) {
        return comeBack(expression, overloaded()).toBuilder()
                .setStatusCode(UInt32Value.of(429))
                .build();
    }

    /**
     * The reply to what is shed before any script sees the request: from 1.001 to 1.991 s, by the hundredths of the second in
     * which it came.
     */
    private static ResponseMapper shedUnseen(String expression) {
        return mapper(expression, overloaded()).toBuilder()
                .setStatusCode(UInt32Value.of(429))
                .addHeadersToAdd(Headers.set(WeirHeaders.RETRY_AFTER_MILLIS, "1%START_TIME(%2f)%1"))
                .addHeadersToAdd(Headers.set(WeirHeaders.RETRY_AFTER, "2"))
                .build();
    }

    private static ResponseMapper refused(String expression, int status, ErrorCode code, String message) {
        return mapper(expression, body(message, code)).toBuilder()
                .setStatusCode(UInt32Value.of(status))
                .build();
    }

    /** {@link #unavailable()} for a while only. */
    static ResponseMapper unavailable(String expression) {
        return comeBack(expression, unavailable());
    }

    /** A header that says when it is worth trying again. */
    private static ResponseMapper comeBack(String expression, SubstitutionFormatString body) {
        return mapper(expression, body).toBuilder()
                .addHeadersToAdd(Headers.set(WeirHeaders.RETRY_ABOUT_MILLIS, RETRY_ABOUT_MILLIS))
                .build();
    }

    static ResponseMapper mapper(String expression, SubstitutionFormatString body) {
        return ResponseMapper.newBuilder()
                .setFilter(AccessLogFilter.newBuilder()
                        .setExtensionFilter(ExtensionFilter.newBuilder()
                                .setName("envoy.access_loggers.extension_filters.cel")
                                .setTypedConfig(Any.pack(ExpressionFilter.newBuilder()
                                        .setExpression(expression)
                                        .build()))))
                .setBodyFormatOverride(body)
                .build();
    }
}
