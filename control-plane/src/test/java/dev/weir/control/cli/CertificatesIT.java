package dev.weir.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.certs.Authority;
import dev.weir.control.server.ProvenMesh;
import dev.weir.xds.peer.Pem;
import dev.weir.xds.testing.EnvoyProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real sidecars with every kind of certificate, and certificates that change under load. */
final class CertificatesIT {
    @TempDir
    Path directory;

    private static Pem trusting(Pem own, String authorities) {
        return new Pem(own.certificate(), own.key(), authorities);
    }

    @Test
    void a_sidecar_gets_what_its_certificate_allows_and_others_get_nothing() throws IOException {
        try (ProvenMesh mesh = new ProvenMesh(directory, "")) {
            String ca = mesh.authority().certificate();
            Authority foreign = Authority.create("foreign", Instant.now());
            Pem good = ProvenMesh.issue(mesh.authority(), ProvenMesh.consumer("consumer-1"));
            Pem ended = mesh.authority()
                    .issue(
                            ProvenMesh.consumer("consumer-2"),
                            Instant.now().minus(Duration.ofDays(2)),
                            Duration.ofDays(1));
            Pem wrong = trusting(ProvenMesh.issue(foreign, ProvenMesh.consumer("consumer-3")), ca);
            int port = EnvoyProcess.freePort();
            Map<String, EnvoyProcess> refused = new LinkedHashMap<>();
            refused.put("expired", mesh.sidecar("consumer-2", EnvoyProcess.freePort(), mesh.folder("expired", ended)));
            refused.put(
                    "wrong authority",
                    mesh.sidecar("consumer-3", EnvoyProcess.freePort(), mesh.folder("wrong", wrong)));
            Path own = mesh.folder("good", good);
            refused.put("other id", mesh.sidecar("consumer-4", EnvoyProcess.freePort(), own));
            refused.put("consumer as provider", mesh.side("consumer-1", EnvoyProcess.freePort(), List.of("beta"), own));
            // and one that does not believe the control plane
            refused.put(
                    "false control plane",
                    mesh.sidecar(
                            "consumer-1",
                            EnvoyProcess.freePort(),
                            mesh.folder("distrust", trusting(good, foreign.certificate()))));
            mesh.sidecar("consumer-1", port, own);

            await().atMost(ProvenMesh.PATIENCE).until(() -> ProvenMesh.call(port, "alpha") == 200);
            await().atMost(ProvenMesh.PATIENCE)
                    .until(() -> mesh.admin("/v1/calls").contains("\"consumer-1\""));
            assertThat(mesh.refusals()).isGreaterThan(3);
            refused.forEach((name, envoy) -> {
                assertThat(envoy.stat("cluster_manager.cds.update_success"))
                        .as(name)
                        .isZero();
                assertThat(envoy.stat("listener_manager.lds.update_success"))
                        .as(name)
                        .isZero();
                assertThat(envoy.configDump()).as(name).doesNotContain("SECRET-OF");
            });
            assertThat(mesh.admin("/v1/sidecars")).contains("\"consumer-1\"").doesNotContain("\"consumer-4\"");
        }
    }

    @Test
    void certificates_and_authorities_change_under_load_without_a_failed_call() throws Exception {
        try (ProvenMesh mesh = new ProvenMesh(directory, ", admission: governed")) {
            Authority next = Authority.create("next", Instant.now());
            String before = mesh.authority().certificate();
            String both = before + next.certificate();
            Pem first = ProvenMesh.issue(mesh.authority(), ProvenMesh.consumer("consumer-1"));
            Pem second = ProvenMesh.issue(next, ProvenMesh.consumer("consumer-1"));
            int port = EnvoyProcess.freePort();
            EnvoyProcess sidecar = mesh.sidecar("consumer-1", port, mesh.folder("consumer-1", first));
            await().atMost(ProvenMesh.PATIENCE).until(() -> ProvenMesh.call(port, "alpha") == 200);

            ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>();
            AtomicBoolean over = new AtomicBoolean();
            List<Thread> agents = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Thread agent = new Thread(() -> {
                    while (!over.get()) {
                        statuses.add(ProvenMesh.call(port, "alpha"));
                    }
                });
                agent.start();
                agents.add(agent);
            }
            // everybody believes both, then everybody is certified by the new one, then nobody believes the old one
            Pem server = ProvenMesh.issue(mesh.authority(), ProvenMesh.server());
            mesh.writeControlPlane(trusting(server, both));
            mesh.folder("consumer-1", trusting(first, both));
            await().atMost(ProvenMesh.PATIENCE)
                    .until(() -> mesh.admits("probe-1", trusting(probe(next, "probe-1"), both)));
            Pem nextServer = ProvenMesh.issue(next, ProvenMesh.server());
            mesh.writeControlPlane(trusting(nextServer, next.certificate()));
            mesh.folder("consumer-1", trusting(second, next.certificate()));
            await().atMost(ProvenMesh.PATIENCE)
                    .until(() -> mesh.admits("probe-2", trusting(probe(next, "probe-2"), next.certificate())));
            // the sidecar itself, on a new connection
            long connections = sidecar.stat("cluster.xds.upstream_cx_total");
            mesh.breakConnections();
            await().atMost(ProvenMesh.PATIENCE)
                    .until(() -> sidecar.stat("cluster.xds.upstream_cx_total") > connections
                            && sidecar.stat("control_plane.connected_state") == 1);
            int atLeast = statuses.size() + 50;
            await().atMost(ProvenMesh.PATIENCE).until(() -> statuses.size() >= atLeast);
            over.set(true);
            for (Thread agent : agents) {
                agent.join();
            }
            assertThat(statuses).hasSizeGreaterThan(100).containsOnly(200);
            assertThat(mesh.admits("late", trusting(probe(mesh.authority(), "late"), both)))
                    .isFalse();
        }
    }

    private static Pem probe(Authority by, String node) {
        return ProvenMesh.issue(by, ProvenMesh.consumer(node));
    }
}
