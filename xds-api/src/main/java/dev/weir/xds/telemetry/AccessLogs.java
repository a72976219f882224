package dev.weir.xds.telemetry;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import com.google.protobuf.util.Durations;
import dev.weir.xds.resource.NewerFields;
import dev.weir.xds.wire.LimitHeader;
import dev.weir.xds.wire.WeirHeaders;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLogFilter;
import io.envoyproxy.envoy.config.accesslog.v3.AndFilter;
import io.envoyproxy.envoy.config.accesslog.v3.ExtensionFilter;
import io.envoyproxy.envoy.config.accesslog.v3.HeaderFilter;
import io.envoyproxy.envoy.config.accesslog.v3.LogTypeFilter;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogType;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.envoyproxy.envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter;
import io.envoyproxy.envoy.extensions.access_loggers.grpc.v3.CommonGrpcAccessLogConfig;
import io.envoyproxy.envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig;
import io.envoyproxy.envoy.type.tracing.v3.CustomTag;
import java.util.Map;
import java.util.TreeMap;

/**
 * The access loggers that a sidecar's listener carries. What they write, {@link RecordLine} and {@link RecordEntry} read.
 *
 * <p>They rely on route metadata {@code weir{pool, epoch}}, on endpoint metadata {@code weir{provider}}, on the request
 * headers {@code weir-price}, {@code weir-price-epoch} and {@code weir-attempt} that the clusters' own filters write, on dynamic metadata
 * {@code weir.req{model, stream}} and {@code weir.usage{prompt_tokens, completion_tokens, total_tokens, cached_tokens, error}},
 * and on that of the check. No credential and no query of a path is written to the
 * file; of headers only the request id, the attempt count, the price, whether a provider side refused, and what a provider says of
 * its quotas ({@link LimitHeader}).
 */
public final class AccessLogs {
    /** How often the router's {@code upstream_log_options} should tell of an attempt that has not ended. */
    public static final int PROGRESS_SECONDS = 5;

    /**
     * Whether a request was taken in: then a route was looked for, and the id is Envoy's own. What is refused before (by its
     * codec, for want of a host, for its path) has none, or the one that the agent sent, who could so write records of calls
     * that are still under way.
     */
    private static final String TAKEN_IN = "xds.route_name != '' || response.code_details == 'route_not_found'";

    private AccessLogs() {}

    /** One line per call: for the connection manager's {@code access_log}, whose routes all have names. */
    public static AccessLog callsToFile(String path) {
        return calls(file(path, RecordFormat.call()));
    }

    /** One line per attempt: for the router's {@code upstream_log}; may be the same file. */
    public static AccessLog attemptsToFile(String path) {
        return filtered(file(path, RecordFormat.attempt()), AccessLogType.UpstreamEnd);
    }

    /** A fresh copy per call to the access-log service at {@code cluster}: for {@code access_log}. */
    public static AccessLog callsToService(String cluster, StreamBuffer buffer) {
        return calls(service(cluster, RecordFormat.CALLS, Map.of(), buffer));
    }

    /** A fresh copy per attempt to the access-log service at {@code cluster}: for {@code upstream_log}. */
    public static AccessLog attemptsToService(String cluster, StreamBuffer buffer) {
        return filtered(
                service(cluster, RecordFormat.ATTEMPTS, RecordFormat.ATTEMPT_TAGS, buffer), AccessLogType.UpstreamEnd);
    }

    /** The same, but only of requests that have {@code header}. */
    public static AccessLog attemptsWith(String header, String cluster, StreamBuffer buffer) {
        return where(
                header, false, service(cluster, RecordFormat.ATTEMPTS + "_at_once", RecordFormat.ATTEMPT_TAGS, buffer));
    }

    /** The same, but only of requests that have no {@code header}. */
    public static AccessLog attemptsWithout(String header, String cluster, StreamBuffer buffer) {
        return where(header, true, service(cluster, RecordFormat.ATTEMPTS, RecordFormat.ATTEMPT_TAGS, buffer));
    }

    /** How far attempts have come that have not ended, to the access-log service at {@code cluster}. */
    public static AccessLog progressToService(String cluster, StreamBuffer buffer) {
        return filtered(service(cluster, RecordFormat.PROGRESS, Map.of(), buffer), AccessLogType.UpstreamPeriodic);
    }

    private static AccessLog where(String header, boolean absent, AccessLog.Builder log) {
        HeaderMatcher.Builder matcher =
                HeaderMatcher.newBuilder().setName(header).setPresentMatch(true).setInvertMatch(absent);
        return both(
                log,
                AccessLogType.UpstreamEnd,
                AccessLogFilter.newBuilder()
                        .setHeaderFilter(HeaderFilter.newBuilder().setHeader(matcher)));
    }

    private static AccessLog calls(AccessLog.Builder log) {
        return both(
                log,
                AccessLogType.DownstreamEnd,
                AccessLogFilter.newBuilder()
                        .setExtensionFilter(ExtensionFilter.newBuilder()
                                .setName("envoy.access_loggers.extension_filters.cel")
                                .setTypedConfig(Any.pack(ExpressionFilter.newBuilder()
                                        .setExpression(TAKEN_IN)
                                        .build()))));
    }

    private static AccessLog both(AccessLog.Builder log, AccessLogType type, AccessLogFilter.Builder other) {
        return log.setFilter(AccessLogFilter.newBuilder()
                        .setAndFilter(
                                AndFilter.newBuilder().addFilters(ofType(type)).addFilters(other)))
                .build();
    }

    private static AccessLog filtered(AccessLog.Builder log, AccessLogType type) {
        return log.setFilter(ofType(type)).build();
    }

    private static AccessLogFilter.Builder ofType(AccessLogType type) {
        return AccessLogFilter.newBuilder()
                .setLogTypeFilter(LogTypeFilter.newBuilder().addTypes(type));
    }

    private static AccessLog.Builder file(String path, Map<String, String> format) {
        Struct.Builder json = Struct.newBuilder();
        new TreeMap<>(format)
                .forEach((key, value) -> json.putFields(
                        key, Value.newBuilder().setStringValue(value).build()));
        return log(
                "envoy.access_loggers.file",
                FileAccessLog.newBuilder()
                        .setPath(path)
                        .setLogFormat(SubstitutionFormatString.newBuilder()
                                .setOmitEmptyValues(true)
                                .setJsonFormat(json))
                        .build());
    }

    private static AccessLog.Builder service(
            String cluster, String name, Map<String, String> tags, StreamBuffer buffer) {
        CommonGrpcAccessLogConfig.Builder common = CommonGrpcAccessLogConfig.newBuilder()
                .setLogName(name)
                .setTransportApiVersion(ApiVersion.V3)
                .setGrpcService(GrpcService.newBuilder()
                        .setEnvoyGrpc(GrpcService.EnvoyGrpc.newBuilder().setClusterName(cluster)))
                .setBufferFlushInterval(Durations.fromNanos(buffer.flush().toNanos()))
                .setBufferSizeBytes(UInt32Value.of(buffer.bytes()));
        Map<String, String> all = new TreeMap<>(RecordFormat.TAGS);
        all.putAll(tags);
        all.forEach((tag, format) ->
                common.addCustomTags(NewerFields.value(CustomTag.newBuilder().setTag(tag), format)));
        return log(
                "envoy.access_loggers.http_grpc",
                HttpGrpcAccessLogConfig.newBuilder()
                        .setCommonConfig(common)
                        .addAdditionalRequestHeadersToLog(WeirHeaders.ATTEMPT)
                        .addAdditionalResponseHeadersToLog(WeirHeaders.OVERLOADED)
                        .addAdditionalResponseHeadersToLog(WeirHeaders.RATELIMITED)
                        .build());
    }

    private static AccessLog.Builder log(String name, Message config) {
        return AccessLog.newBuilder().setName(name).setTypedConfig(Any.pack(config));
    }
}
