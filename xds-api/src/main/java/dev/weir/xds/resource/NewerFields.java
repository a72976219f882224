package dev.weir.xds.resource;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UInt64Value;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.envoyproxy.envoy.config.common.mutation_rules.v3.HeaderMutation;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.Mutations;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.tracing.v3.CustomTag;

/**
 * Fields of Envoy messages that are newer than the Java types: written as unknown fields, which survive packing and
 * which Envoy reads as the fields they are. Each method keeps the other unknown fields of its message.
 *
 * <p>When the Java types are updated and know a field, its method goes and the generated setter takes its place; a test
 * fails to say so.
 */
public final class NewerFields {
    static final int RETRY_POLICY_REFRESH_CLUSTER_ON_RETRY = 14;
    static final int VIRTUAL_HOST_REQUEST_BODY_BUFFER_LIMIT = 25;
    static final int ROUTE_REQUEST_BODY_BUFFER_LIMIT = 20;
    static final int DIRECT_RESPONSE_BODY_FORMAT = 3;
    static final int CUSTOM_TAG_VALUE = 6;
    static final int HEADER_MUTATION_REMOVE_ON_MATCH = 3;
    static final int MUTATIONS_RESPONSE_TRAILERS = 4;
    static final int MUTATIONS_REQUEST_TRAILERS = 5;
    private static final int REMOVE_ON_MATCH_KEY_MATCHER = 1;

    private NewerFields() {}

    /** {@code refresh_cluster_on_retry}: each retry draws its cluster anew instead of staying with the first one. */
    public static RetryPolicy.Builder refreshClusterOnRetry(RetryPolicy.Builder policy) {
        return set(
                policy,
                RETRY_POLICY_REFRESH_CLUSTER_ON_RETRY,
                Field.newBuilder().addVarint(1).build());
    }

    /** {@code request_body_buffer_limit} in bytes, for every route of the virtual host. */
    public static VirtualHost.Builder requestBodyBufferLimit(VirtualHost.Builder host, long bytes) {
        return set(host, VIRTUAL_HOST_REQUEST_BODY_BUFFER_LIMIT, message(UInt64Value.of(bytes)));
    }

    /** {@code request_body_buffer_limit} in bytes, for one route. */
    public static Route.Builder requestBodyBufferLimit(Route.Builder route, long bytes) {
        return set(route, ROUTE_REQUEST_BODY_BUFFER_LIMIT, message(UInt64Value.of(bytes)));
    }

    /** {@code body_format}: the body is made anew for each request. */
    public static DirectResponseAction.Builder bodyFormat(
            DirectResponseAction.Builder action, SubstitutionFormatString format) {
        return set(action, DIRECT_RESPONSE_BODY_FORMAT, message(format));
    }

    /** {@code value}: the tag is what an access-log format string says; {@code -} where there is nothing. */
    public static CustomTag.Builder value(CustomTag.Builder tag, String format) {
        return set(
                tag,
                CUSTOM_TAG_VALUE,
                Field.newBuilder()
                        .addLengthDelimited(ByteString.copyFromUtf8(format))
                        .build());
    }

    /** {@code remove_on_match}: removes every header whose name {@code key} matches. For both header-mutation extensions. */
    public static HeaderMutation removeOnMatch(StringMatcher key) {
        UnknownFieldSet onMatch = UnknownFieldSet.newBuilder()
                .addField(REMOVE_ON_MATCH_KEY_MATCHER, message(key))
                .build();
        Field field =
                Field.newBuilder().addLengthDelimited(onMatch.toByteString()).build();
        return set(HeaderMutation.newBuilder(), HEADER_MUTATION_REMOVE_ON_MATCH, field)
                .build();
    }

    /** {@code response_trailers_mutations}: what happens to the trailers of an answer. */
    public static Mutations.Builder responseTrailers(Mutations.Builder mutations, HeaderMutation mutation) {
        return set(mutations, MUTATIONS_RESPONSE_TRAILERS, message(mutation));
    }

    /** {@code request_trailers_mutations}: what happens to the trailers of a request. */
    public static Mutations.Builder requestTrailers(Mutations.Builder mutations, HeaderMutation mutation) {
        return set(mutations, MUTATIONS_REQUEST_TRAILERS, message(mutation));
    }

    private static Field message(Message value) {
        return Field.newBuilder().addLengthDelimited(value.toByteString()).build();
    }

    private static <B extends Message.Builder> B set(B builder, int number, Field field) {
        builder.setUnknownFields(UnknownFieldSet.newBuilder(builder.getUnknownFields())
                .clearField(number)
                .addField(number, field)
                .build());
        return builder;
    }
}
