package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.control.certs.Authority;
import dev.weir.control.collect.Collector;
import dev.weir.control.collect.HostPort;
import dev.weir.control.collect.LinkProof;
import dev.weir.control.collect.LogLines;
import dev.weir.control.model.Failpoints;
import dev.weir.v1.CollectRequest;
import dev.weir.v1.CollectorGrpc;
import dev.weir.xds.peer.Pem;
import dev.weir.xds.peer.TlsIdentity;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.accesslog.v3.AccessLogServiceGrpc;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsMessage;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.load_stats.v3.LoadReportingServiceGrpc;
import io.envoyproxy.envoy.service.load_stats.v3.LoadStatsRequest;
import io.envoyproxy.envoy.service.runtime.v3.RuntimeDiscoveryServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every service of the sidecars' port against every kind of stranger. */
final class PeersIT {
    private static final String CDS = "type.googleapis.com/envoy.config.cluster.v3.Cluster";

    @TempDir
    Path directory;

    private ProvenMesh mesh;

    @BeforeEach
    void start() throws IOException {
        mesh = new ProvenMesh(directory, "");
    }

    @AfterEach
    void end() throws IOException {
        mesh.close();
    }

    /** What the first message of a stream came to; OK where an answer came, or nothing for a while. */
    private static <Q, A> Status first(ManagedChannel channel, MethodDescriptor<Q, A> method, Q request) {
        CompletableFuture<Status> outcome = new CompletableFuture<>();
        StreamObserver<A> answers = new StreamObserver<>() {
            @Override
            public void onNext(A answer) {
                outcome.complete(Status.OK);
            }

            @Override
            public void onError(Throwable error) {
                outcome.complete(Status.fromThrowable(error));
            }

            @Override
            public void onCompleted() {
                outcome.complete(Status.OK);
            }
        };
        var call = channel.newCall(method, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
        switch (method.getType()) {
            case UNARY -> ClientCalls.asyncUnaryCall(call, request, answers);
            case CLIENT_STREAMING -> {
                StreamObserver<Q> requests = ClientCalls.asyncClientStreamingCall(call, answers);
                requests.onNext(request);
                requests.onCompleted();
            }
            default -> ClientCalls.asyncBidiStreamingCall(call, answers).onNext(request);
        }
        try {
            return outcome.get(10, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return Status.DEADLINE_EXCEEDED.withDescription("no word within 10 s");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Node node(String id, List<String> providers) {
        Struct.Builder weir = Struct.newBuilder();
        if (!providers.isEmpty()) {
            ListValue.Builder names = ListValue.newBuilder();
            providers.forEach(name -> names.addValues(Value.newBuilder().setStringValue(name)));
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

    /** Every service's answer to whoever says that it is this. */
    private static Map<String, Status> all(ManagedChannel channel, String id, List<String> providers) {
        Node node = node(id, providers);
        Map<String, Status> outcomes = new LinkedHashMap<>();
        outcomes.put(
                "ads",
                first(
                        channel,
                        AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod(),
                        DeltaDiscoveryRequest.newBuilder()
                                .setNode(node)
                                .setTypeUrl(CDS)
                                .build()));
        outcomes.put(
                "lrs",
                first(
                        channel,
                        LoadReportingServiceGrpc.getStreamLoadStatsMethod(),
                        LoadStatsRequest.newBuilder().setNode(node).build()));
        outcomes.put(
                "als",
                first(
                        channel,
                        AccessLogServiceGrpc.getStreamAccessLogsMethod(),
                        StreamAccessLogsMessage.newBuilder()
                                .setIdentifier(StreamAccessLogsMessage.Identifier.newBuilder()
                                        .setNode(node)
                                        .setLogName("calls"))
                                .build()));
        outcomes.put(
                "collect",
                first(
                        channel,
                        CollectorGrpc.getCollectMethod(),
                        CollectRequest.newBuilder()
                                .setSidecar(id)
                                .setFileId("1-" + "0".repeat(32))
                                .setLines(ByteString.EMPTY)
                                .build()));
        return outcomes;
    }

    private static Status limits(ManagedChannel channel, String id, List<String> providers) {
        return first(
                channel,
                RuntimeDiscoveryServiceGrpc.getStreamRuntimeMethod(),
                DiscoveryRequest.newBuilder()
                        .setNode(node(id, providers))
                        .addResourceNames("limits")
                        .build());
    }

    private static Status check(ManagedChannel channel) {
        return first(channel, AuthorizationGrpc.getCheckMethod(), CheckRequest.getDefaultInstance());
    }

    private interface Use<T> {
        T of(ManagedChannel channel);
    }

    private Map<String, Status> all(ChannelCredentials credentials, String token, String id, List<String> providers) {
        return with(credentials, token, channel -> all(channel, id, providers));
    }

    private Status one(ChannelCredentials credentials, Use<Status> use) {
        return with(credentials, "", use);
    }

    private <T> T with(ChannelCredentials credentials, String token, Use<T> use) {
        Metadata headers = new Metadata();
        if (!token.isEmpty()) {
            headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), token);
        }
        ManagedChannel channel = Grpc.newChannelBuilderForAddress("127.0.0.1", mesh.xdsPort(), credentials)
                .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
                .build();
        try {
            return use.of(channel);
        } finally {
            channel.shutdownNow();
        }
    }

    private static ChannelCredentials certified(Pem pem) {
        TlsIdentity identity = TlsIdentity.client(pem);
        return TlsChannelCredentials.newBuilder()
                .keyManager(identity.keys())
                .trustManager(identity.trust())
                .build();
    }

    private ChannelCredentials uncertified() {
        return TlsChannelCredentials.newBuilder()
                .trustManager(TlsIdentity.client(ProvenMesh.issue(mesh.authority(), ProvenMesh.server()))
                        .trust())
                .build();
    }

    @Test
    void without_proof_nobody_gets_or_says_anything_and_is_told_why() {
        double before = mesh.refusals();
        Map<String, Status> outcomes = with(uncertified(), "", channel -> {
            Map<String, Status> all = all(channel, "consumer-1", List.of());
            all.put("limits", limits(channel, "egress-1", List.of("beta")));
            all.put("check", check(channel));
            return all;
        });
        assertThat(outcomes).hasSize(6).allSatisfy((service, status) -> {
            assertThat(status.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
            assertThat(status.getDescription()).startsWith("certificate: none (expected: a client certificate");
        });
        assertThat(mesh.refusals() - before).isEqualTo(6);
        assertThat(all(InsecureChannelCredentials.create(), "", "consumer-1", List.of()))
                .allSatisfy((service, status) -> assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE));
    }

    @Test
    void a_certificate_of_another_authority_or_out_of_date_does_not_come_in_and_is_counted() {
        Authority other = Authority.create("other", Instant.now());
        Pem wrong = ProvenMesh.issue(other, ProvenMesh.consumer("consumer-1"));
        Pem ended = mesh.authority()
                .issue(ProvenMesh.consumer("consumer-1"), Instant.now().minus(Duration.ofDays(2)), Duration.ofDays(1));
        for (Pem pem : List.of(wrong, ended)) {
            double before = mesh.refusals();
            Pem shown = new Pem(pem.certificate(), pem.key(), mesh.authority().certificate());
            assertThat(all(certified(shown), "", "consumer-1", List.of()))
                    .allSatisfy(
                            (service, status) -> assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE));
            assertThat(mesh.refusals()).isGreaterThan(before);
        }
    }

    @Test
    void an_identity_speaks_for_itself_alone() {
        ChannelCredentials consumer = certified(ProvenMesh.issue(mesh.authority(), ProvenMesh.consumer("consumer-1")));
        assertThat(all(consumer, "", "consumer-1", List.of()))
                .allSatisfy((service, status) -> assertThat(status).isEqualTo(Status.OK));
        assertThat(one(consumer, PeersIT::check)).isEqualTo(Status.OK);

        double before = mesh.refusals();
        assertThat(all(consumer, "", "consumer-2", List.of())).allSatisfy((service, status) -> {
            assertThat(status.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
            assertThat(status.getDescription())
                    .isEqualTo("node: \"consumer-2\" (expected: consumer-1, as identity"
                            + " spiffe://test/consumer/consumer-1 says)");
        });
        assertThat(mesh.refusals() - before).isEqualTo(4);
    }

    @Test
    void a_role_and_its_providers_come_from_the_configuration() {
        ChannelCredentials consumer = certified(ProvenMesh.issue(mesh.authority(), ProvenMesh.consumer("consumer-1")));
        ChannelCredentials side = certified(ProvenMesh.issue(mesh.authority(), ProvenMesh.side("egress-1")));
        Map<String, Status> ofSide = all(side, "", "egress-1", List.of("beta"));
        assertThat(ofSide.get("ads")).isEqualTo(Status.OK);
        assertThat(ofSide.get("lrs")).isEqualTo(Status.OK);
        assertThat(one(side, channel -> limits(channel, "egress-1", List.of("beta"))))
                .isEqualTo(Status.OK);
        List<Status> denied = List.of(
                all(consumer, "", "consumer-1", List.of("alpha")).get("ads"),
                one(consumer, channel -> limits(channel, "consumer-1", List.of("alpha"))),
                all(side, "", "egress-1", List.of("beta", "gamma")).get("ads"),
                one(side, channel -> limits(channel, "egress-1", List.of("gamma"))),
                all(side, "", "egress-1", List.of()).get("ads"),
                // it makes no calls, and they would be its own provider's to be paid for
                ofSide.get("als"),
                ofSide.get("collect"),
                one(side, PeersIT::check));
        assertThat(denied).allSatisfy(status -> assertThat(status.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED));
        assertThat(denied.get(2).getDescription())
                .isEqualTo("providers: \"gamma\" (expected: those whose spec.sidecar.identity is"
                        + " spiffe://test/side/egress-1)");
        assertThat(denied.subList(4, denied.size()))
                .extracting(Status::getDescription)
                .containsOnly(
                        "role: \"consumer\" (expected: provider, because spiffe://test/side/egress-1 is the side of"
                                + " beta)");
    }

    @Test
    void a_token_speaks_for_whom_the_configuration_says() {
        String token = "Bearer " + ProvenMesh.TOKEN;
        assertThat(all(uncertified(), token, "consumer-9", List.of()))
                .allSatisfy((service, status) -> assertThat(status).isEqualTo(Status.OK));
        assertThat(all(uncertified(), token, "consumer-1", List.of()))
                .allSatisfy((service, status) -> assertThat(status.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED));
        for (String wrong : List.of(ProvenMesh.TOKEN, "Bearer ", token + "x", "Basic " + ProvenMesh.TOKEN)) {
            assertThat(all(uncertified(), wrong, "consumer-9", List.of()))
                    .as(wrong)
                    .allSatisfy(
                            (service, status) -> assertThat(status.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED));
        }
    }

    /** What {@code weir collect --token-file TOKEN --ca AUTHORITIES} does, whose token is replaced while it runs. */
    @Test
    void a_collector_delivers_by_the_token_that_its_file_holds_now() throws Exception {
        Path token = directory.resolve("token-of-the-collector");
        Path authorities = directory.resolve("authorities.crt");
        Path log = directory.resolve("access.log");
        Files.writeString(token, "nobodys-token-0123456789\n");
        Files.writeString(authorities, mesh.authority().certificate());
        LogLines.append(log, LogLines.calls("by-token-", 3));
        Collector collector = new Collector(
                new Collector.Settings(
                        "consumer-9",
                        log,
                        new HostPort("127.0.0.1", mesh.xdsPort()),
                        Optional.empty(),
                        1 << 26,
                        LinkProof.token(token, authorities, "weir-control-plane")),
                System::nanoTime,
                new SplittableRandom(1),
                Failpoints.NONE);
        CompletableFuture<Void> end = CompletableFuture.runAsync(() -> {
            try {
                collector.run();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        try {
            double before = mesh.refusals();
            await().atMost(ProvenMesh.PATIENCE).until(() -> mesh.refusals() > before);
            assertThat(mesh.admin("/v1/calls?limit=50")).doesNotContain("by-token-");
            Files.writeString(token, ProvenMesh.TOKEN + "\n");
            await().atMost(ProvenMesh.PATIENCE)
                    .until(() -> mesh.admin("/v1/calls?limit=50").contains("by-token-2"));
        } finally {
            collector.stop();
            end.join();
        }
    }
}
