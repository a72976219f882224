package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.certs.Authority;
import dev.weir.control.certs.Authority.Names;
import dev.weir.control.certs.CertificateFolder;
import dev.weir.control.envoy.Sidecar.Reply;
import dev.weir.control.model.Config;
import dev.weir.control.model.Consumers;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.testing.MeshMaker;
import dev.weir.xds.peer.Pem;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** A side that is not on loopback, as its configuration says, between real Envoys and strangers. */
@TestInstance(Lifecycle.PER_CLASS)
final class SideTlsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String SIDE = "spiffe://test/side/egress";
    private static final String FIRST = "first_attempts|alpha";

    private final Authority authority = Authority.create("test", Instant.now());
    private final FakeProvider alpha = new FakeProvider();
    private final FakeProvider direct = new FakeProvider();
    private final TestMesh mesh = new TestMesh();
    private Path directory;
    private ProviderProxy side;
    private Sidecar sidecar;
    private Config config;
    private Decision decision;

    @BeforeAll
    void start(@TempDir Path temporary) throws IOException {
        directory = temporary;
        certify("egress", issue(authority, SIDE));
        certify("consumer-1", issue(authority, "spiffe://test/consumer/consumer-1"));
        side = ProviderProxy.start(directory, "egress", mesh.port(), "alpha", "other");
        sidecar = Sidecar.start(directory.resolve("consumer-1"), "consumer-1", mesh.port());
        Pool alone = Meshes.pool("alone", new Match.Model("alone"), "alpha");
        Pool pair = Meshes.pool("pair", new Match.Model("pair"), "alpha", "direct");
        Pool wrong = Meshes.pool("wrong", new Match.Model("wrong"), "other");
        Pool spared = Meshes.pool("spared", new Match.Model("spared"), "other", "direct");
        config = Meshes.config(
                Policy.WATER_FILLING,
                List.of(
                        Meshes.behind(side.port(), SIDE, Meshes.provider("alpha", alpha.port())),
                        // whose identity the process at that port does not have
                        Meshes.behind(
                                side.port(), "spiffe://test/side/egress-2", Meshes.provider("other", alpha.port())),
                        Meshes.provider("direct", direct.port())),
                alone,
                pair,
                wrong,
                spared);
        decision = Meshes.decision(
                1,
                Meshes.decided(alone, 1_000_000),
                Meshes.decided(pair, 999_999, 1),
                Meshes.decided(wrong, 1_000_000),
                Meshes.decided(spared, 999_999, 1));
        mesh.limit("alpha", 100, 100, 0);
        mesh.limit("other", 100, 100, 0);
        mesh.apply(admitting("spiffe://test/consumer/*"), decision, sidecar, side);
    }

    @AfterAll
    void stop() {
        sidecar.close();
        side.close();
        mesh.close();
        alpha.close();
        direct.close();
    }

    @BeforeEach
    void everybody() {
        alpha.answers(FakeProvider::complete);
        mesh.tick(admitting("spiffe://test/consumer/*"), decision);
        await().atMost(PATIENCE).until(() -> sidecar.chat("alone").status() == 200);
    }

    private static Pem issue(Authority by, String id) {
        return by.issue(Names.spiffe(id), Instant.now(), Duration.ofDays(1));
    }

    private void certify(String node, Pem pem) throws IOException {
        new CertificateFolder(directory.resolve(node).resolve("certs")).write(pem);
    }

    private Config admitting(String... names) {
        return new Config(
                MeshMaker.like(config.mesh())
                        .consumers(new Consumers(Set.of(names)))
                        .make(),
                config.providers(),
                config.pools());
    }

    /** A failure of TLS at the side, counted since it started. */
    private long counted(String failure) {
        return side.envoy().stat("listener.127.0.0.1_" + side.port() + ".ssl." + failure);
    }

    @Test
    void a_call_goes_through_and_nobody_passes_a_certificate_on() {
        Reply reply = sidecar.chat("alone", "x-forwarded-client-cert", "URI=spiffe://test/consumer/forged");

        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(alpha.last().headers().keySet()).noneMatch(name -> name.contains("client-cert"));
        assertThat(side.envoy().stat("http.consumers.downstream_cx_ssl_total")).isPositive();
        assertThat(side.envoy().stat("http.consumers.downstream_cx_http1_total"))
                .isPositive();
        assertThat(side.envoy().stat("http.consumers.downstream_cx_http2_total"))
                .isZero();
        // who says so himself is not believed either: it is the connection's certificate that counts
        Pem stranger = issue(authority, "spiffe://test/side/egress-3");
        StrangerClient.Answer answer = StrangerClient.call(
                side.port(),
                stranger,
                "weir-provider: alpha",
                "x-forwarded-client-cert: URI=spiffe://test/consumer/consumer-1");
        assertThat(answer.status()).isEqualTo(403);
        assertThat(mesh.refusals()).isEmpty();
    }

    @Test
    void strangers_are_refused_counted_and_told_why() {
        int before = alpha.seen().size();
        Authority foreign = Authority.create("foreign", Instant.now());
        Pem ended = authority.issue(
                Names.spiffe("spiffe://test/consumer/consumer-1"),
                Instant.now().minus(Duration.ofDays(2)),
                Duration.ofDays(1));
        long none = counted("fail_verify_no_cert");
        long bad = counted("fail_verify_error");
        long denied = side.envoy().stat("http.consumers.rbac.denied");

        assertThat(StrangerClient.plain(side.port(), "weir-provider: alpha").status())
                .isZero();
        assertThat(StrangerClient.uncertified(side.port(), "weir-provider: alpha")
                        .status())
                .isZero();
        assertThat(counted("fail_verify_no_cert")).isEqualTo(none + 1);
        for (Pem pem : List.of(issue(foreign, "spiffe://test/consumer/consumer-1"), ended)) {
            assertThat(StrangerClient.call(side.port(), pem, "weir-provider: alpha")
                            .status())
                    .isZero();
        }
        assertThat(counted("fail_verify_error")).isEqualTo(bad + 2);
        for (String identity : List.of(SIDE, "spiffe://test/consumerx/1", "spiffe://other/consumer/1")) {
            StrangerClient.Answer answer =
                    StrangerClient.call(side.port(), issue(authority, identity), "weir-provider: alpha");
            assertThat(answer.status()).as(identity).isEqualTo(403);
            assertThat(answer.body())
                    .contains("not_a_consumer", identity, "may not call this side")
                    .contains("expected: an identity of Mesh.spec.consumers");
        }
        assertThat(side.envoy().stat("http.consumers.rbac.denied")).isEqualTo(denied + 3);
        assertThat(alpha.seen()).hasSize(before);
        // and who may call is told what is not there
        Pem good = issue(authority, "spiffe://test/consumer/consumer-2");
        assertThat(StrangerClient.call(side.port(), good, "weir-provider: alpha")
                        .status())
                .isEqualTo(200);
        assertThat(StrangerClient.call(side.port(), good, "weir-provider: gamma")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void an_identity_that_is_taken_away_is_refused_on_the_connections_that_it_has() {
        long listeners = side.envoy().stat("listener_manager.listener_modified");

        mesh.tick(admitting("spiffe://test/consumer/consumer-2"), decision);
        await().atMost(PATIENCE).until(() -> sidecar.chat("alone").status() == 403);
        Reply refused = sidecar.chat("alone");
        assertThat(refused.json().at("/error/code").asText()).isEqualTo("not_a_consumer");
        assertThat(refused.json().at("/error/message").asText()).contains("spiffe://test/consumer/consumer-1");
        // where others may serve, they do
        assertThat(sidecar.chat("pair").header("weir-provider")).contains("direct");

        mesh.tick(admitting("spiffe://test/consumer/consumer-1"), decision);
        await().atMost(PATIENCE).until(() -> sidecar.chat("alone").status() == 200);
        assertThat(side.envoy().stat("listener_manager.listener_modified")).isEqualTo(listeners);
    }

    @Test
    void a_consumer_refuses_a_side_with_another_identity_and_tries_elsewhere() {
        int before = alpha.seen().size();

        Reply alone = sidecar.chat("wrong");
        assertThat(alone.status()).as(alone.body()).isEqualTo(503);
        assertThat(alone.json().at("/error/code").asText()).isEqualTo("provider_unavailable");
        assertThat(sidecar.envoy().stat("cluster.wrong|other.ssl.fail_verify_san"))
                .isPositive();
        Reply spared = sidecar.chat("spared");
        assertThat(spared.status()).as(spared.body()).isEqualTo(200);
        assertThat(spared.header("weir-provider")).contains("direct");
        assertThat(alpha.seen()).hasSize(before);
    }

    @Test
    void what_the_side_refuses_is_served_elsewhere() {
        CountDownLatch gate = new CountDownLatch(1);
        alpha.answers((request, exchange) -> {
            try {
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            FakeProvider.complete(request, exchange);
        });
        mesh.limit("alpha", 1, 100, 0);
        mesh.tick(admitting("spiffe://test/consumer/*"), decision);
        side.awaitTold(FIRST, 1);
        CompletableFuture<Reply> held = CompletableFuture.supplyAsync(() -> sidecar.chat("pair"));
        await().atMost(PATIENCE).until(() -> side.envoy().stat("cluster." + FIRST + ".upstream_rq_active") == 1);

        Reply bounced = sidecar.chat("pair");

        assertThat(bounced.status()).as(bounced.body()).isEqualTo(200);
        assertThat(bounced.header("weir-provider")).contains("direct");
        String id = bounced.header("x-request-id").orElseThrow();
        assertThat(sidecar.records(id, 3).stream()
                        .filter(record -> record.identity().kind() == Kind.ATTEMPT
                                && record.outcome().bounced())
                        .map(record -> record.route().provider()))
                .containsExactly("alpha");
        gate.countDown();
        assertThat(held.join().status()).isEqualTo(200);
        mesh.limit("alpha", 100, 100, 0);
        mesh.tick(admitting("spiffe://test/consumer/*"), decision);
        side.awaitTold(FIRST, 100);
    }

    @Test
    void certificates_and_authorities_change_without_a_restart_or_a_lost_call() throws Exception {
        Authority next = Authority.create("next", Instant.now());
        String both = authority.certificate() + next.certificate();
        ConcurrentLinkedQueue<String> failed = new ConcurrentLinkedQueue<>();
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> agents = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread agent = new Thread(() -> {
                while (!over.get()) {
                    Reply reply = sidecar.chat("alone");
                    if (reply.status() != 200) {
                        failed.add(reply.status() + " " + reply.body());
                    }
                }
            });
            agent.start();
            agents.add(agent);
        }
        try {
            // everybody believes both, then everybody is certified by the new one, then nobody believes the old one
            long read = read();
            for (String id : List.of("egress", "consumer-1")) {
                certify(id, trusting(issue(authority, identity(id)), both));
            }
            Pem probe = issue(next, "spiffe://test/consumer/probe");
            await().atMost(PATIENCE).until(() -> read() >= read + 2 && served(probe));
            long again = read();
            for (String id : List.of("egress", "consumer-1")) {
                certify(id, trusting(issue(next, identity(id)), both));
            }
            await().atMost(PATIENCE).until(() -> read() > again && issuer(probe).equals("CN=next"));
            for (String id : List.of("egress", "consumer-1")) {
                certify(id, trusting(issue(next, identity(id)), next.certificate()));
            }
            Pem old = issue(authority, "spiffe://test/consumer/probe");
            await().atMost(PATIENCE).until(() -> !served(old));
            // on new connections: more calls at once than there are any
            long connections = side.envoy().stat("http.consumers.downstream_cx_total");
            await().atMost(PATIENCE).until(() -> {
                List<CompletableFuture<Reply>> burst = new ArrayList<>();
                for (int i = 0; i < 16; i++) {
                    burst.add(CompletableFuture.supplyAsync(() -> sidecar.chat("alone")));
                }
                burst.forEach(each -> assertThat(each.join().status()).isEqualTo(200));
                return side.envoy().stat("http.consumers.downstream_cx_total") > connections;
            });
        } finally {
            over.set(true);
            for (Thread agent : agents) {
                agent.join();
            }
        }
        assertThat(failed).isEmpty();
        for (String id : List.of("egress", "consumer-1")) {
            certify(id, issue(authority, identity(id)));
        }
        Pem first = issue(authority, "spiffe://test/consumer/probe");
        await().atMost(PATIENCE)
                .until(() -> served(first) && sidecar.chat("alone").status() == 200);
    }

    /** How often the consumer has read its files for this cluster. */
    private long read() {
        return sidecar.envoy().stat("cluster.alone|alpha.client_ssl_socket_factory.ssl_context_update_by_sds");
    }

    private boolean served(Pem stranger) {
        return StrangerClient.call(side.port(), stranger, "weir-provider: alpha")
                        .status()
                == 200;
    }

    private static String identity(String node) {
        return node.equals("egress") ? SIDE : "spiffe://test/consumer/" + node;
    }

    private static Pem trusting(Pem own, String authorities) {
        return new Pem(own.certificate(), own.key(), authorities);
    }

    private String issuer(Pem probe) {
        return StrangerClient.shown(side.port(), probe)
                .map(X509Certificate::getIssuerX500Principal)
                .map(Object::toString)
                .orElse("");
    }

    @Test
    void a_consumer_without_certificates_does_without_the_side_and_says_why() throws IOException {
        try (Sidecar bare =
                Sidecar.start(Files.createDirectories(directory.resolve("consumer-3")), "consumer-3", mesh.port())) {
            await().atMost(PATIENCE).until(() -> {
                mesh.tick(admitting("spiffe://test/consumer/*"), decision);
                return bare.serves(decision.epoch().toString());
            });
            await().atMost(PATIENCE)
                    .until(() -> bare.chat("pair").header("weir-provider").equals(Optional.of("direct")));
            assertThat(bare.chat("alone").status()).isEqualTo(429);
            assertThat(mesh.refusals()).anyMatch(text -> text.contains("certs/identity.yaml"));
        } finally {
            mesh.forgetRefusals();
        }
    }
}
