package dev.weir.xds.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.rpc.Status;
import dev.weir.xds.testing.RecordedDelivery;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.runtime.v3.Runtime;
import io.envoyproxy.envoy.service.runtime.v3.RuntimeDiscoveryServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RuntimeDeliveryTest {
    private final RecordedDelivery listener = new RecordedDelivery();
    private final RuntimeDelivery runtime = new RuntimeDelivery(listener, System::nanoTime);
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws IOException {
        String name = InProcessServerBuilder.generateName();
        server =
                InProcessServerBuilder.forName(name).addService(runtime).build().start();
        channel = InProcessChannelBuilder.forName(name).build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    /** What a side got; an error is an empty response. */
    private static final class Answers implements StreamObserver<DiscoveryResponse> {
        private final BlockingQueue<DiscoveryResponse> queue = new LinkedBlockingQueue<>();
        private volatile String error = "";

        @Override
        public void onNext(DiscoveryResponse response) {
            queue.add(response);
        }

        @Override
        public void onError(Throwable end) {
            error = String.valueOf(end.getMessage());
        }

        @Override
        public void onCompleted() {
            error = "completed";
        }

        DiscoveryResponse next() throws InterruptedException {
            @Nullable DiscoveryResponse response = queue.poll(20, TimeUnit.SECONDS);
            if (response == null) {
                throw new AssertionError("no answer; " + error);
            }
            return response;
        }

        double limit() throws Exception {
            Runtime layer = next().getResources(0).unpack(Runtime.class);
            assertThat(layer.getName()).isEqualTo("limits");
            return layer.getLayer()
                    .getFieldsOrThrow("circuit_breakers.first|p.default.max_requests")
                    .getNumberValue();
        }
    }

    private StreamObserver<DiscoveryRequest> open(Answers answers) {
        return RuntimeDiscoveryServiceGrpc.newStub(channel).streamRuntime(answers);
    }

    private static DiscoveryRequest hello(String role, String... names) {
        Struct.Builder weir = Struct.newBuilder().putFields("role", text(role));
        if (role.equals("provider")) {
            weir.putFields(
                    "providers",
                    Value.newBuilder()
                            .setListValue(
                                    com.google.protobuf.ListValue.newBuilder().addValues(text("p")))
                            .build());
        }
        return DiscoveryRequest.newBuilder()
                .setNode(Node.newBuilder()
                        .setId("side-1")
                        .setMetadata(Struct.newBuilder()
                                .putFields(
                                        "weir",
                                        Value.newBuilder().setStructValue(weir).build())))
                .addAllResourceNames(List.of(names))
                .build();
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }

    @Test
    void a_side_hears_the_newest_at_once_and_then_what_changes_for_it() throws Exception {
        runtime.publish(Map.of("p", Map.of("first|p", 3)));
        Answers answers = new Answers();
        StreamObserver<DiscoveryRequest> side = open(answers);
        side.onNext(hello("provider", "limits"));
        assertThat(answers.limit()).isEqualTo(3);
        runtime.publish(Map.of("p", Map.of("first|p", 3), "q", Map.of("first|q", 9)));
        runtime.publish(Map.of("p", Map.of("first|p", 4)));
        DiscoveryResponse second = answers.next();
        assertThat(second.getResources(0).unpack(Runtime.class).getLayer().toString())
                .contains("4.0");
        assertThat(second.getVersionInfo()).isEqualTo("2");

        side.onNext(DiscoveryRequest.newBuilder().setResponseNonce("1").build());
        side.onNext(DiscoveryRequest.newBuilder().setResponseNonce("2").build());
        Awaitility.await()
                .until(() -> listener.events("acknowledged side-1 Runtime").size() == 1);
        side.onNext(DiscoveryRequest.newBuilder()
                .setResponseNonce("2")
                .setErrorDetail(Status.newBuilder().setMessage("no").addDetails(Any.getDefaultInstance()))
                .build());
        Awaitility.await()
                .until(() -> listener.events("refused side-1 Runtime no").size() == 1);
    }

    @Test
    void a_refused_layer_leaves_the_last_one() throws Exception {
        runtime.publish(Map.of("p", Map.of("first|p", 3)));
        assertThatThrownBy(() -> runtime.publish(Map.of("p", Map.of("first|p", 0))))
                .hasMessageContaining("0 everywhere");
        Answers answers = new Answers();
        open(answers).onNext(hello("provider", "limits"));
        assertThat(answers.limit()).isEqualTo(3);
    }

    @Test
    void who_is_no_side_is_told_so() {
        assertRefused(hello("consumer", "limits"), "expected: provider");
        assertRefused(hello("provider"), "expected: limits");
        assertRefused(hello("provider", "limits", "other"), "expected: limits");
        assertRefused(hello("gateway", "limits"), "role");
        assertRefused(DiscoveryRequest.getDefaultInstance(), "node.id");
        assertRefused(
                hello("provider", "limits").toBuilder()
                        .setVersionInfo("x".repeat(2 << 20))
                        .build(),
                "unreadable");
    }

    private void assertRefused(DiscoveryRequest request, String message) {
        Answers answers = new Answers();
        open(answers).onNext(request);
        Awaitility.await().untilAsserted(() -> assertThat(answers.error).contains(message));
    }

    @Test
    void sides_that_left_are_forgotten() throws Exception {
        runtime.publish(Map.of("p", Map.of("first|p", 3)));
        for (int i = 0; i < 100; i++) {
            Answers answers = new Answers();
            StreamObserver<DiscoveryRequest> side = open(answers);
            side.onNext(hello("provider", "limits"));
            assertThat(answers.limit()).isEqualTo(3);
            side.onCompleted();
        }
        Awaitility.await().until(() -> runtime.sides() == 0);
    }
}
