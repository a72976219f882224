package dev.weir.xds.resource;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.UnknownFieldSet;
import io.envoyproxy.envoy.config.common.mutation_rules.v3.HeaderMutation;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.Mutations;
import io.envoyproxy.envoy.type.tracing.v3.CustomTag;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class NewerFieldsTest {
    record Newer(Descriptor message, int number) {}

    static List<Newer> fields() {
        return List.of(
                new Newer(RetryPolicy.getDescriptor(), NewerFields.RETRY_POLICY_REFRESH_CLUSTER_ON_RETRY),
                new Newer(VirtualHost.getDescriptor(), NewerFields.VIRTUAL_HOST_REQUEST_BODY_BUFFER_LIMIT),
                new Newer(Route.getDescriptor(), NewerFields.ROUTE_REQUEST_BODY_BUFFER_LIMIT),
                new Newer(HeaderMutation.getDescriptor(), NewerFields.HEADER_MUTATION_REMOVE_ON_MATCH),
                new Newer(DirectResponseAction.getDescriptor(), NewerFields.DIRECT_RESPONSE_BODY_FORMAT),
                new Newer(Mutations.getDescriptor(), NewerFields.MUTATIONS_RESPONSE_TRAILERS),
                new Newer(Mutations.getDescriptor(), NewerFields.MUTATIONS_REQUEST_TRAILERS),
                new Newer(CustomTag.getDescriptor(), NewerFields.CUSTOM_TAG_VALUE));
    }

    /** Fails when the types were updated: then the generated setter replaces the method here. */
    @ParameterizedTest
    @MethodSource("fields")
    void the_java_types_do_not_know_the_field(Newer field) {
        assertThat(field.message().findFieldByNumber(field.number())).isNull();
    }

    @Test
    void unknown_fields_are_added_to_those_there_are_and_replace_only_themselves() throws Exception {
        UnknownFieldSet.Field other =
                UnknownFieldSet.Field.newBuilder().addVarint(7).build();
        VirtualHost.Builder host = VirtualHost.newBuilder()
                .setName("v")
                .setUnknownFields(
                        UnknownFieldSet.newBuilder().addField(900, other).build());
        NewerFields.requestBodyBufferLimit(host, 1);
        NewerFields.requestBodyBufferLimit(host, 8_388_608);

        VirtualHost read = Any.pack(host.build()).unpack(VirtualHost.class);
        assertThat(read.getName()).isEqualTo("v");
        assertThat(read.getUnknownFields().getField(900)).isEqualTo(other);
        assertThat(read.getUnknownFields()
                        .getField(NewerFields.VIRTUAL_HOST_REQUEST_BODY_BUFFER_LIMIT)
                        .getLengthDelimitedList())
                .hasSize(1);
    }
}
