package dev.weir.xds.testing;

import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.RequestMethod;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogCommon;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogType;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry;

/** Entries of access-log streams for tests. */
public final class Entries {
    private Entries() {}

    /** What Envoy sends of a whole answer to a chat completion; {@link RecordMaker#call} is the record of it. */
    public static HTTPAccessLogEntry.Builder call(String id) {
        HTTPAccessLogEntry.Builder entry = HTTPAccessLogEntry.newBuilder();
        AccessLogCommon.Builder common = entry.getCommonPropertiesBuilder()
                .setAccessLogType(AccessLogType.DownstreamEnd)
                .setUpstreamRequestAttemptCount(1)
                .putCustomTags("pool", "chat")
                .putCustomTags("epoch", "3.17")
                .putCustomTags("provider", "a")
                .putCustomTags("price", "120")
                .putCustomTags("price_epoch", "17")
                .putCustomTags("flags", "-");
        common.getStartTimeBuilder().setSeconds(1_795_505_199L).setNanos(894_592_999);
        common.getDurationBuilder().setNanos(26_991_000);
        common.getTimeToLastDownstreamTxByteBuilder().setNanos(26_937_500);
        common.getTimeToFirstDownstreamTxByteBuilder().setNanos(26_926_000);
        common.getMetadataBuilder()
                .putFilterMetadata(
                        "weir.req",
                        Struct.newBuilder()
                                .putFields(
                                        "model",
                                        Value.newBuilder().setStringValue("m").build())
                                .build());
        entry.getRequestBuilder()
                .setRequestId(id)
                .setRequestMethod(RequestMethod.POST)
                .setPath("/v1/chat/completions?key=secret")
                .setRequestBodyBytes(86);
        entry.getResponseBuilder()
                .setResponseCode(UInt32Value.of(200))
                .setResponseCodeDetails("via_upstream")
                .setResponseBodyBytes(76);
        return entry;
    }
}
