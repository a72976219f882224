package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.control.certs.Authority;
import dev.weir.v1.CollectRequest;
import dev.weir.v1.CollectorGrpc;
import dev.weir.xds.peer.Authorities;
import dev.weir.xds.peer.Pem;
import dev.weir.xds.testing.EnvoyProcess;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.accesslog.v3.AccessLogServiceGrpc;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsMessage;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.load_stats.v3.LoadReportingServiceGrpc;
import io.envoyproxy.envoy.service.load_stats.v3.LoadStatsRequest;
import io.envoyproxy.envoy.service.runtime.v3.RuntimeDiscoveryServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams that are open end with the right that they were opened by. */
final class RevocationIT {
    private static final String CONSUMERS = "'spiffe://test/consumer/*', consumer-9";

    @TempDir
    Path directory;

    private final List<ManagedChannel> channels = new ArrayList<>();

    @AfterEach
    void close() {
        channels.forEach(ManagedChannel::shutdownNow);
    }

    /** Streams of every service, and what each came to. */
    private final class Streams {
        private final Map<String, CompletableFuture<Status>> ends = new LinkedHashMap<>();
        private final Map<String, CompletableFuture<Void>> begun = new LinkedHashMap<>();

        /** As the side of providers, or, with none, as a consumer. */
        Streams(ManagedChannel channel, String id, String... providers) {
            channels.add(channel);
            Node node = node(id, providers);
            open(
                    channel,
                    AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod(),
                    DeltaDiscoveryRequest.newBuilder()
                            .setNode(node)
                            .setTypeUrl("type.googleapis.com/envoy.config.cluster.v3.Cluster")
                            .build());
            open(
                    channel,
                    LoadReportingServiceGrpc.getStreamLoadStatsMethod(),
                    LoadStatsRequest.newBuilder().setNode(node).build());
            if (providers.length > 0) {
                open(
                        channel,
                        RuntimeDiscoveryServiceGrpc.getStreamRuntimeMethod(),
                        DiscoveryRequest.newBuilder()
                                .setNode(node)
                                .addResourceNames("limits")
                                .build());
            } else {
                open(
                        channel,
                        AccessLogServiceGrpc.getStreamAccessLogsMethod(),
                        StreamAccessLogsMessage.newBuilder()
                                .setIdentifier(StreamAccessLogsMessage.Identifier.newBuilder()
                                        .setNode(node)
                                        .setLogName("calls"))
                                .build());
                open(
                        channel,
                        CollectorGrpc.getCollectMethod(),
                        CollectRequest.newBuilder()
                                .setSidecar(id)
                                .setFileId("1-" + "0".repeat(32))
                                .build());
            }
            // what answers at once is open; the others are on the same connection
            begun.values().stream().limit(2).forEach(CompletableFuture::join);
        }

        private <Q, A> void open(ManagedChannel channel, MethodDescriptor<Q, A> method, Q first) {
            CompletableFuture<Status> end = new CompletableFuture<>();
            CompletableFuture<Void> answer = new CompletableFuture<>();
            ends.put(method.getServiceName(), end);
            begun.put(method.getServiceName(), answer);
            StreamObserver<A> answers = new StreamObserver<>() {
                @Override
                public void onNext(A message) {
                    answer.complete(null);
                }

                @Override
                public void onError(Throwable error) {
                    end.complete(Status.fromThrowable(error));
                    answer.complete(null);
                }

                @Override
                public void onCompleted() {
                    end.complete(Status.OK);
                    answer.complete(null);
                }
            };
            var call = channel.newCall(method, CallOptions.DEFAULT);
            StreamObserver<Q> requests = method.getType() == MethodDescriptor.MethodType.CLIENT_STREAMING
                    ? ClientCalls.asyncClientStreamingCall(call, answers)
                    : ClientCalls.asyncBidiStreamingCall(call, answers);
            requests.onNext(first);
        }

        /** All of them, in these words. */
        void haveEnded(Status.Code code, String words) {
            await().atMost(ProvenMesh.PATIENCE)
                    .until(() -> ends.values().stream().allMatch(CompletableFuture::isDone));
            assertThat(ends).allSatisfy((service, end) -> {
                assertThat(end.join().getCode()).as(service).isEqualTo(code);
                assertThat(end.join().getDescription()).as(service).contains(words);
            });
        }

        void areOpen() {
            assertThat(ends)
                    .allSatisfy((service, end) -> assertThat(end).as(service).isNotDone());
        }
    }

    private static Node node(String id, String... providers) {
        Struct.Builder weir = Struct.newBuilder();
        if (providers.length > 0) {
            ListValue.Builder names = ListValue.newBuilder();
            for (String name : providers) {
                names.addValues(Value.newBuilder().setStringValue(name));
            }
            weir.putFields("role", Value.newBuilder().setStringValue("provider").build())
                    .putFields(
                            "providers", Value.newBuilder().setListValue(names).build());
        }
        return Node.newBuilder()
                .setId(id)
                .setMetadata(Struct.newBuilder()
                        .putFields(
                                "weir", Value.newBuilder().setStructValue(weir).build()))
                .build();
    }

    private static ManagedChannel bearing(ProvenMesh mesh, String token) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        return Grpc.newChannelBuilderForAddress(
                        "127.0.0.1",
                        mesh.xdsPort(),
                        TlsChannelCredentials.newBuilder()
                                .trustManager(
                                        Authorities.ofServers(mesh.authority().certificate())
                                                .trust())
                                .build())
                .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
                .build();
    }

    @Test
    void what_a_reload_takes_away_ends_at_once_and_nothing_else() throws IOException {
        try (ProvenMesh mesh = new ProvenMesh(directory, "")) {
            Pem first = ProvenMesh.issue(mesh.authority(), ProvenMesh.consumer("consumer-1"));
            Streams one = new Streams(mesh.channel(first), "consumer-1");
            Streams two = new Streams(
                    mesh.channel(ProvenMesh.issue(mesh.authority(), ProvenMesh.consumer("consumer-2"))), "consumer-2");
            Streams token = new Streams(bearing(mesh, ProvenMesh.TOKEN), "consumer-9");
            Pem side = ProvenMesh.issue(mesh.authority(), ProvenMesh.side("egress-1"));
            Streams egress = new Streams(mesh.channel(side), "egress-1", "beta");

            mesh.configure(CONSUMERS, "spiffe://test/consumer/consumer-2, consumer-9");
            one.haveEnded(
                    Status.Code.PERMISSION_DENIED,
                    "identity: spiffe://test/consumer/consumer-1 is no consumer any more");
            two.areOpen();
            token.areOpen();
            egress.areOpen();
            assertThat(mesh.refusals()).isGreaterThanOrEqualTo(4);
            assertThat(mesh.admits("consumer-1", first)).isFalse();

            // its provider gets another side: this one's certificate is good for nothing
            mesh.configure("identity: 'spiffe://test/side/egress-1'", "identity: 'spiffe://test/side/egress-9'");
            egress.haveEnded(Status.Code.PERMISSION_DENIED, "is not the side of beta any more");
            two.areOpen();
            token.areOpen();

            // whose identity becomes a side's, and gets a key, begins anew as what it is now
            mesh.configure("identity: 'spiffe://test/side/egress-2'", "identity: 'spiffe://test/consumer/consumer-2'");
            two.haveEnded(Status.Code.PERMISSION_DENIED, "is no consumer any more");
            token.areOpen();

            mesh.configure("tokens: [{identity: consumer-9, valueFrom: {file: token}}]", "");
            token.haveEnded(Status.Code.UNAUTHENTICATED, "authorization: nobody's token");
        }
    }

    @Test
    void whom_an_authority_that_is_gone_made_is_gone_too() throws IOException {
        try (ProvenMesh mesh = new ProvenMesh(directory, "")) {
            Authority next = Authority.create("next", Instant.now());
            Pem server = ProvenMesh.issue(mesh.authority(), ProvenMesh.server());
            String both = mesh.authority().certificate() + next.certificate();
            Pem old = ProvenMesh.issue(mesh.authority(), ProvenMesh.consumer("consumer-1"));
            Pem renewed = ProvenMesh.issue(next, ProvenMesh.consumer("consumer-2"));
            Pem probe = ProvenMesh.issue(next, ProvenMesh.consumer("probe"));
            mesh.writeControlPlane(new Pem(server.certificate(), server.key(), both));
            await().atMost(ProvenMesh.PATIENCE)
                    .until(() -> mesh.admits("probe", new Pem(probe.certificate(), probe.key(), both)));
            Streams before = new Streams(mesh.channel(old), "consumer-1");
            Streams after =
                    new Streams(mesh.channel(new Pem(renewed.certificate(), renewed.key(), both)), "consumer-2");

            mesh.writeControlPlane(new Pem(server.certificate(), server.key(), next.certificate()));

            before.haveEnded(Status.Code.UNAUTHENTICATED, "certificate: of no authority that is believed");
            after.areOpen();
        }
    }

    /** A sidecar that has renewed its certificate shows the new one when its connection's old one has ended. */
    @Test
    void a_certificate_that_ends_ends_its_streams_and_a_renewed_one_goes_on() throws Exception {
        try (ProvenMesh mesh = new ProvenMesh(directory, ", admission: governed")) {
            Pem brief = mesh.authority().issue(ProvenMesh.consumer("consumer-1"), Instant.now(), Duration.ofSeconds(6));
            Pem other = mesh.authority().issue(ProvenMesh.consumer("consumer-2"), Instant.now(), Duration.ofSeconds(6));
            Instant ends = Instant.now().plusSeconds(7);
            Streams streams = new Streams(mesh.channel(other), "consumer-2");
            int port = EnvoyProcess.freePort();
            EnvoyProcess sidecar = mesh.sidecar("consumer-1", port, mesh.folder("consumer-1", brief));
            await().atMost(ProvenMesh.PATIENCE).until(() -> ProvenMesh.call(port, "alpha") == 200);
            mesh.folder("consumer-1", ProvenMesh.issue(mesh.authority(), ProvenMesh.consumer("consumer-1")));
            long connections = sidecar.stat("cluster.check.upstream_cx_total");

            ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>();
            while (Instant.now().isBefore(ends.plusSeconds(2))) {
                statuses.add(ProvenMesh.call(port, "alpha"));
            }

            assertThat(statuses).containsOnly(200);
            streams.haveEnded(Status.Code.UNAUTHENTICATED, "certificate: ended on ");
            assertThat(sidecar.stat("cluster.check.upstream_cx_total")).isGreaterThan(connections);
            await().atMost(ProvenMesh.PATIENCE)
                    .until(() -> sidecar.stat("control_plane.connected_state") == 1
                            && mesh.admin("/v1/sidecars").contains("\"consumer-1\""));
        }
    }
}
