package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.protobuf.util.JsonFormat;
import dev.weir.xds.peer.Pem;
import dev.weir.xds.testing.EnvoyProcess;
import io.envoyproxy.controlplane.cache.Resources;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Providers' keys: who is sent them, and that they show nowhere. */
final class SecretsIT {
    private static final List<String> SIDECAR_ADMIN = List.of(
            "/certs",
            "/clusters",
            "/clusters?format=json",
            "/config_dump",
            "/config_dump?include_eds",
            "/config_dump?resource=dynamic_active_clusters",
            "/config_dump?resource=dynamic_active_secrets",
            "/contention",
            "/hot_restart_version",
            "/init_dump",
            "/listeners",
            "/listeners?format=json",
            "/memory",
            "/runtime",
            "/server_info",
            "/stats",
            "/stats/prometheus");
    private static final List<String> ADMIN = List.of(
            "/",
            "/healthz",
            "/readyz",
            "/metrics",
            "/v1/decision",
            "/v1/providers",
            "/v1/sidecars",
            "/v1/calls?limit=1000",
            "/v1/history");

    @TempDir
    Path directory;

    @Test
    void no_answer_dump_or_log_shows_a_key() throws IOException {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        ListAppender<ILoggingEvent> said = new ListAppender<>();
        said.start();
        root.addAppender(said);
        try (ProvenMesh mesh = new ProvenMesh(directory, "")) {
            int port = EnvoyProcess.freePort();
            int sidePort = EnvoyProcess.freePort();
            EnvoyProcess sidecar = mesh.sidecar(
                    "consumer-1",
                    port,
                    mesh.folder("c", ProvenMesh.issue(mesh.authority(), ProvenMesh.consumer("consumer-1"))));
            EnvoyProcess side = mesh.side(
                    "egress-1",
                    sidePort,
                    List.of("beta"),
                    mesh.folder("s", ProvenMesh.issue(mesh.authority(), ProvenMesh.side("egress-1"))));
            await().atMost(ProvenMesh.PATIENCE).until(() -> ProvenMesh.call(port, "alpha") == 200);
            await().atMost(ProvenMesh.PATIENCE).until(() -> side.listenerPort("consumers") == sidePort);
            await().atMost(ProvenMesh.PATIENCE)
                    .until(() -> mesh.admin("/v1/calls").contains("\"consumer-1\""));

            for (EnvoyProcess envoy : List.of(sidecar, side)) {
                for (String path : SIDECAR_ADMIN) {
                    assertThat(envoy.admin(path)).as(path).doesNotContain("SECRET-OF");
                }
                assertThat(envoy.log()).doesNotContain("SECRET-OF");
            }
            // not because it is not there
            assertThat(sidecar.configDump()).contains("credential|alpha").doesNotContain("credential|beta");
            assertThat(side.configDump()).contains("credential|beta").doesNotContain("credential|alpha");
            for (String path : ADMIN) {
                assertThat(mesh.admin(path)).as(path).doesNotContain("SECRET-OF", ProvenMesh.TOKEN);
            }
            assertThat(said.list)
                    .isNotEmpty()
                    .allSatisfy(event -> assertThat(event.getFormattedMessage())
                            .doesNotContain("SECRET-OF", ProvenMesh.TOKEN, "PRIVATE KEY"));
        } finally {
            root.detachAppender(said);
        }
    }

    @Test
    void an_identity_is_sent_the_keys_of_the_providers_that_it_calls_and_only_as_secrets() throws IOException {
        try (ProvenMesh mesh = new ProvenMesh(directory, "")) {
            Pem consumer = ProvenMesh.issue(mesh.authority(), ProvenMesh.consumer("consumer-1"));
            Pem side = ProvenMesh.issue(mesh.authority(), ProvenMesh.side("egress-1"));
            assertSent(mesh.channel(consumer), node("{id: consumer-1}"), "alpha", List.of("beta", "gamma"));
            assertSent(
                    mesh.channel(side),
                    node("{id: egress-1, metadata: {weir: {role: provider, providers: [beta]}}}"),
                    "beta",
                    List.of("alpha", "gamma"));
        }
    }

    private static void assertSent(ManagedChannel channel, Node node, String own, List<String> others) {
        List<DeltaDiscoveryResponse> answers;
        try {
            answers = everything(channel, node, List.of("alpha", "beta", "gamma"));
        } finally {
            channel.shutdownNow();
        }
        assertThat(answers)
                .extracting(DeltaDiscoveryResponse::getTypeUrl)
                .contains(
                        Resources.V3.CLUSTER_TYPE_URL,
                        Resources.V3.LISTENER_TYPE_URL,
                        Resources.V3.ROUTE_TYPE_URL,
                        Resources.V3.SECRET_TYPE_URL);
        for (DeltaDiscoveryResponse answer : answers) {
            String bytes = answer.toByteString().toString(java.nio.charset.StandardCharsets.ISO_8859_1);
            if (answer.getTypeUrl().equals(Resources.V3.SECRET_TYPE_URL)) {
                assertThat(bytes).contains(ProvenMesh.key(own));
                others.forEach(other -> assertThat(bytes).doesNotContain(ProvenMesh.key(other)));
            } else {
                assertThat(bytes).as(answer.getTypeUrl()).doesNotContain("SECRET-OF");
            }
        }
    }

    /** All that the control plane sends to whoever asks for everything and acknowledges all of it. */
    private static List<DeltaDiscoveryResponse> everything(ManagedChannel channel, Node node, List<String> providers) {
        LinkedBlockingQueue<DeltaDiscoveryResponse> incoming = new LinkedBlockingQueue<>();
        StreamObserver<DeltaDiscoveryRequest> requests = AggregatedDiscoveryServiceGrpc.newStub(channel)
                .deltaAggregatedResources(new StreamObserver<>() {
                    @Override
                    public void onNext(DeltaDiscoveryResponse response) {
                        incoming.add(response);
                    }

                    @Override
                    public void onError(Throwable error) {
                        // what is missing then fails the test
                    }

                    @Override
                    public void onCompleted() {
                        // likewise
                    }
                });
        Map<String, List<String>> wanted = Map.of(
                Resources.V3.CLUSTER_TYPE_URL, List.of(),
                Resources.V3.LISTENER_TYPE_URL, List.of(),
                Resources.V3.ROUTE_TYPE_URL, List.of("pools", "providers"),
                Resources.V3.SECRET_TYPE_URL,
                        providers.stream().map(name -> "credential|" + name).toList());
        wanted.forEach((type, names) -> requests.onNext(DeltaDiscoveryRequest.newBuilder()
                .setNode(node)
                .setTypeUrl(type)
                .addAllResourceNamesSubscribe(names)
                .build()));
        List<DeltaDiscoveryResponse> all = new ArrayList<>();
        try {
            for (DeltaDiscoveryResponse next = incoming.poll(10, TimeUnit.SECONDS);
                    next != null;
                    next = incoming.poll(2, TimeUnit.SECONDS)) {
                all.add(next);
                requests.onNext(DeltaDiscoveryRequest.newBuilder()
                        .setTypeUrl(next.getTypeUrl())
                        .setResponseNonce(next.getNonce())
                        .build());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return all;
    }

    private static Node node(String yaml) throws IOException {
        Node.Builder node = Node.newBuilder();
        JsonFormat.parser()
                .merge(
                        new com.fasterxml.jackson.databind.json.JsonMapper()
                                .writeValueAsString(new org.yaml.snakeyaml.Yaml().load(yaml)),
                        node);
        return node.build();
    }
}
