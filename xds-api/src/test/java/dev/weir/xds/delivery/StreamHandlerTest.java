package dev.weir.xds.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.xds.testing.RecordedDelivery;
import io.envoyproxy.controlplane.cache.Resources;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What stands between gRPC and the library, with both of them played. */
final class StreamHandlerTest {
    private final List<String> library = new ArrayList<>();
    private final List<String> wire = new ArrayList<>();
    private final List<ServerCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse>> given = new ArrayList<>();
    private final RecordedDelivery events = new RecordedDelivery();
    private long nanos;
    private final Sidecars sidecars =
            new Sidecars(new Profiles(profile -> {}), () -> nanos, () -> 1_000, events, 160L << 20);
    private final StreamHandler handler = new StreamHandler(
            (call, headers) -> {
                given.add(call);
                return new Library();
            },
            sidecars);

    private final class Library extends ServerCall.Listener<DeltaDiscoveryRequest> {
        @Override
        public void onMessage(DeltaDiscoveryRequest request) {
            SidecarStream stream = SidecarStream.CURRENT.get();
            library.add(stream.node() + " " + request.getNode().getId() + " "
                    + request.getNode().getExtensionsCount());
        }

        @Override
        public void onCancel() {
            library.add("cancel");
        }

        @Override
        public void onComplete() {
            library.add("complete");
        }
    }

    private final class Wire extends ServerCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
        @Override
        public void request(int messages) {}

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void sendMessage(DeltaDiscoveryResponse response) {
            wire.add(response.getNonce());
        }

        @Override
        public void close(Status status, Metadata trailers) {
            wire.add(status.getCode().name());
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public MethodDescriptor<DeltaDiscoveryRequest, DeltaDiscoveryResponse> getMethodDescriptor() {
            return AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod();
        }
    }

    private ServerCall.Listener<DeltaDiscoveryRequest> open() {
        return handler.startCall(new Wire(), new Metadata());
    }

    private static DeltaDiscoveryRequest.Builder first() {
        DeltaDiscoveryRequest.Builder request =
                DeltaDiscoveryRequest.newBuilder().setTypeUrl(Resources.V3.CLUSTER_TYPE_URL);
        request.getNodeBuilder().setId("one").addExtensionsBuilder().setName("envoy.x");
        return request;
    }

    private static DeltaDiscoveryRequest.Builder later() {
        return DeltaDiscoveryRequest.newBuilder().setTypeUrl(Resources.V3.CLUSTER_TYPE_URL);
    }

    private void push(int stream, String nonce, String version) {
        given.get(stream)
                .sendMessage(DeltaDiscoveryResponse.newBuilder()
                        .setTypeUrl(Resources.V3.CLUSTER_TYPE_URL)
                        .setNonce(nonce)
                        .setSystemVersionInfo(version)
                        .build());
    }

    private SidecarView.TypeState state() {
        SidecarView view = sidecars.views().get(0);
        return view.types().getOrDefault(Resources.V3.CLUSTER_TYPE_URL, SidecarView.TypeState.NOTHING);
    }

    @Test
    void the_node_is_kept_and_shrunk() {
        ServerCall.Listener<DeltaDiscoveryRequest> stream = open();
        stream.onMessage(first().build());
        stream.onMessage(later().build());
        assertThat(library).containsExactly("one one 0", "one one 0");
        assertThat(events.events()).containsExactly("connected one 10000");
    }

    @Test
    void answers_are_told_with_their_version() {
        ServerCall.Listener<DeltaDiscoveryRequest> stream = open();
        stream.onMessage(first().build());
        push(0, "0", "v1");
        stream.onMessage(later().setResponseNonce("0").build());
        push(0, "1", "v2");
        DeltaDiscoveryRequest.Builder refusal = later().setResponseNonce("1");
        refusal.getErrorDetailBuilder().setMessage("bad " + "x".repeat(5_000));
        stream.onMessage(refusal.build());
        assertThat(state().acknowledgedVersion()).isEqualTo("v1");
        assertThat(state().refusedVersion()).isEqualTo("v2");
        assertThat(state().refusal()).hasSize(2_000).startsWith("bad x");
        assertThat(events.events("acknowledged")).containsExactly("acknowledged one Cluster");
        assertThat(events.events("refused")).hasSize(1);
        assertThat(wire).containsExactly("0", "1");
    }

    @Test
    void a_refused_stream_ends_once_and_the_library_lets_go_of_it() {
        ServerCall.Listener<DeltaDiscoveryRequest> stream = open();
        stream.onMessage(first().build());
        stream.onMessage(later().setResponseNonce("17").build());
        stream.onMessage(later().build());
        push(0, "0", "v1");
        given.get(0).close(Status.CANCELLED, new Metadata());
        assertThat(wire).containsExactly("INVALID_ARGUMENT");
        assertThat(library).containsExactly("one one 0", "cancel");
        assertThat(events.events())
                .containsExactly(
                        "connected one 10000",
                        "rejected one request response_nonce: \"17\" (expected: that of a response)",
                        "disconnected one");
        stream.onComplete();
        assertThat(events.events("disconnected")).hasSize(1);
        assertThat(sidecars.views()).isEmpty();
    }

    @Test
    void a_nonce_answers_once_and_for_its_own_type_only() {
        ServerCall.Listener<DeltaDiscoveryRequest> stream = open();
        stream.onMessage(first().build());
        push(0, "0", "v1");
        stream.onMessage(later().setTypeUrl(Resources.V3.ROUTE_TYPE_URL)
                .setResponseNonce("0")
                .build());
        assertThat(wire).containsExactly("0", "INVALID_ARGUMENT");
    }

    @Test
    void a_sidecar_is_gone_when_its_last_stream_is() {
        ServerCall.Listener<DeltaDiscoveryRequest> old = open();
        old.onMessage(first().build());
        ServerCall.Listener<DeltaDiscoveryRequest> fresh = open();
        fresh.onMessage(first().build());
        old.onCancel();
        assertThat(events.events("disconnected")).isEmpty();
        assertThat(sidecars.views()).hasSize(1);
        fresh.onCancel();
        assertThat(events.events("disconnected")).containsExactly("disconnected one");
    }

    @Test
    void a_stream_that_never_said_who_it_is_was_never_there() {
        open().onMessage(later().build());
        open().onCancel();
        assertThat(wire).containsExactly("INVALID_ARGUMENT");
        assertThat(events.events())
                .containsExactly("rejected  node node.id: \"\" (expected: 1-256 printable ASCII characters)");
    }

    @Test
    void there_are_no_more_streams_than_a_third_of_the_heap_holds() {
        ServerCall.Listener<DeltaDiscoveryRequest> one = open();
        one.onMessage(first().build());
        sidecars.expect(sidecars.views().get(0).profile(), 8_000); // half a megabyte each
        for (int i = 1; i < 105; i++) {
            open().onMessage(first().build());
        }
        assertThat(wire).isEmpty();
        open().onMessage(first().build());
        assertThat(wire).containsExactly("RESOURCE_EXHAUSTED");
        assertThat(events.events("rejected"))
                .singleElement()
                .asString()
                .startsWith("rejected one streams streams: one more than 105, with 8000 resources (expected: ");
        one.onCancel();
        open().onMessage(first().build());
        assertThat(wire).hasSize(1);
    }

    @Test
    void however_much_a_sidecar_gets_a_few_dozen_are_served() {
        open().onMessage(first().build());
        sidecars.expect(sidecars.views().get(0).profile(), 1_000_000);
        for (int i = 1; i < 64; i++) {
            open().onMessage(first().build());
        }
        assertThat(wire).isEmpty();
        open().onMessage(first().build());
        assertThat(wire).containsExactly("RESOURCE_EXHAUSTED");
    }
}
