package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Provider;
import dev.weir.control.model.Provider.Tls;
import dev.weir.control.testing.ProviderMaker;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.xds.delivery.SidecarView;
import dev.weir.xds.testing.EnvoyProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One cluster, or one cluster's endpoints, that a sidecar refuses take one provider out there, and nothing else. */
final class RefusalIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Tls NO_PEM = new Tls("bad.test", Optional.of("no certificate"));

    private final FakeProvider alpha = new FakeProvider();
    private final FakeProvider beta = new FakeProvider();

    @AfterEach
    void stop() {
        alpha.close();
        beta.close();
    }

    private Provider bad(String name, Tls tls) {
        return ProviderMaker.provider(name, tls.serverName(), beta.port())
                .tls(tls)
                .make();
    }

    private Config config(List<Provider> others, Pool... pools) {
        List<Provider> all = new java.util.ArrayList<>(others);
        all.add(Meshes.provider("alpha", alpha.port()));
        all.add(Meshes.provider("beta", beta.port()));
        return Meshes.config(Policy.WATER_FILLING, all, pools);
    }

    private static Pool pool(String name, String... providers) {
        return Meshes.pool(name, new Match.Model(name), providers);
    }

    private static Decision decision(long sequence, Pool... pools) {
        return Meshes.decision(
                sequence,
                Arrays.stream(pools)
                        .map(pool -> {
                            int[] weights = new int[pool.members().size()];
                            Arrays.fill(weights, 1_000_000 / weights.length);
                            return Meshes.decided(pool, weights);
                        })
                        .toArray(PoolProposal[]::new));
    }

    /** By resource, over all types. */
    private static Map<String, String> refusals(TestMesh mesh, String node) {
        Map<String, String> all = new TreeMap<>();
        for (SidecarView view : mesh.sidecars()) {
            if (view.node().equals(node)) {
                view.types().values().forEach(type -> all.putAll(type.refusals()));
            }
        }
        return all;
    }

    private static void awaitRefused(TestMesh mesh, String node, String... resources) {
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(refusals(mesh, node)).containsOnlyKeys(resources));
    }

    private static String code(Sidecar sidecar, String model) {
        return sidecar.chat(model).json().at("/error/code").asText();
    }

    @Test
    void a_running_sidecar_goes_on_changing_while_two_clusters_are_refused_mended_and_removed(@TempDir Path directory) {
        Pool old = pool("old", "alpha");
        Pool fresh = pool("new", "beta");
        Pool alone = pool("alone", "bad");
        Pool mixed = pool("mixed", "worse", "alpha");
        try (TestMesh mesh = new TestMesh();
                Sidecar sidecar = Sidecar.start(directory, "one", mesh.port())) {
            mesh.apply(config(List.of(), old), decision(1, old), sidecar);

            // the healthy pool comes in the same reload as two that are refused
            Provider worse = bad("worse", new Tls("x".repeat(300), Optional.empty()));
            List<Provider> refused = List.of(bad("bad", NO_PEM), worse);
            Config two = config(refused, old, fresh, alone, mixed);
            mesh.apply(two, decision(2, old, fresh, alone, mixed), sidecar);
            awaitRefused(mesh, "one", "alone|bad", "mixed|worse");
            assertThat(mesh.refusals()).hasSize(2);
            await().atMost(LONG).until(() -> sidecar.chat("new").status() == 200);
            assertThat(sidecar.chat("old").status()).isEqualTo(200);
            assertThat(code(sidecar, "alone")).isEqualTo("no_provider");
            for (int i = 0; i < 20; i++) {
                assertThat(sidecar.chat("mixed").header("weir-provider")).contains("alpha");
            }

            // a removal and the next split arrive; nothing refused is sent again
            mesh.apply(config(refused, fresh, alone, mixed), decision(3, fresh, alone, mixed), sidecar);
            assertThat(sidecar.chat("old").status()).isEqualTo(404);
            assertThat(mesh.refusals()).hasSize(2);

            // one is mended, the other one stays
            Config mended = config(List.of(Meshes.provider("bad", beta.port()), worse), fresh, alone, mixed);
            mesh.apply(mended, decision(4, fresh, alone, mixed), sidecar);
            await().atMost(LONG).until(() -> sidecar.chat("alone").status() == 200);
            awaitRefused(mesh, "one", "mixed|worse");

            // the other one is removed
            Pool without = pool("mixed", "alpha");
            mesh.apply(
                    config(List.of(Meshes.provider("bad", beta.port())), fresh, alone, without),
                    decision(5, fresh, alone, without),
                    sidecar);
            for (int i = 0; i < 20; i++) {
                assertThat(sidecar.chat("mixed").header("weir-provider")).contains("alpha");
            }
            assertThat(mesh.refusals()).hasSize(2);
        }
    }

    @Test
    void a_sidecar_that_starts_with_a_bad_cluster_serves_every_other_one_and_so_does_it_after_a_reconnection(
            @TempDir Path directory) {
        Pool good = pool("good", "alpha");
        Pool alone = pool("alone", "bad");
        Config config = config(List.of(bad("bad", NO_PEM)), good, alone);
        int port = EnvoyProcess.freePort();
        try (Sidecar sidecar = Sidecar.start(directory, "one", port)) {
            try (TestMesh mesh = new TestMesh(port)) {
                mesh.apply(config, decision(1, good, alone), sidecar);
                assertThat(sidecar.chat("good").status()).isEqualTo(200);
                assertThat(code(sidecar, "alone")).isEqualTo("no_provider");
                awaitRefused(mesh, "one", "alone|bad");
            }
            try (TestMesh next = new TestMesh(port)) {
                await().atMost(LONG).until(() -> next.sidecars().size() == 1);
                next.apply(config, decision(2, good, alone), sidecar);
                awaitRefused(next, "one", "alone|bad");
                assertThat(sidecar.chat("good").status()).isEqualTo(200);
                assertThat(code(sidecar, "alone")).isEqualTo("no_provider");
                next.apply(config, decision(3, good, alone), sidecar);
                assertThat(next.refusals()).hasSize(1);
            }
        }
    }

    @Test
    void what_one_sidecar_lacks_another_one_has(@TempDir Path one, @TempDir Path two) {
        Pool good = pool("good", "alpha");
        Pool system = pool("system", "outside");
        Config config = config(List.of(bad("outside", new Tls("bad.test", Optional.empty()))), good, system);
        try (TestMesh mesh = new TestMesh();
                Sidecar lacks = Sidecar.start(one, "lacks", mesh.port(), text -> authorities(text, "/nowhere/ca.pem"));
                Sidecar has = Sidecar.start(
                        two, "has", mesh.port(), text -> authorities(text, "/etc/ssl/certs/ca-certificates.crt"))) {
            mesh.apply(config, decision(1, good, system), lacks);
            mesh.apply(config, decision(1, good, system), has);
            awaitRefused(mesh, "lacks", "system|outside");
            assertThat(refusals(mesh, "lacks").get("system|outside")).contains("/nowhere/ca.pem");
            assertThat(refusals(mesh, "has")).isEmpty();
            assertThat(code(lacks, "system")).isEqualTo("no_provider");
            // called there, though nobody speaks TLS
            assertThat(has.chat("system").status()).isEqualTo(503);
            assertThat(code(has, "system")).isNotEqualTo("no_provider");
            assertThat(lacks.chat("good").status()).isEqualTo(200);
            assertThat(has.chat("good").status()).isEqualTo(200);
        }
    }

    private static String authorities(String bootstrap, String path) {
        String key = "\"access_log\" :";
        assertThat(bootstrap).contains(key);
        return bootstrap.replace(key, "\"authorities\": \"" + path + "\", " + key);
    }

    @Test
    void endpoints_that_are_refused_take_their_cluster_alone_out(@TempDir Path directory) {
        Pool one = pool("a", "alpha");
        Pool other = pool("z", "beta");
        Pool bad = pool("m", "odd");
        Config config = config(List.of(Meshes.provider("odd", beta.port())), one, other, bad);
        try (TestMesh mesh = new TestMesh();
                Sidecar sidecar = Sidecar.start(directory, "one", mesh.port())) {
            mesh.address("odd", "nowhere");
            mesh.apply(config, decision(1, one, other, bad), sidecar);
            awaitRefused(mesh, "one", "m|odd");
            await().atMost(LONG).until(() -> sidecar.chat("a").status() == 200);
            await().atMost(LONG).until(() -> sidecar.chat("z").status() == 200);
            await().atMost(LONG).until(() -> code(sidecar, "m").equals("no_provider"));

            mesh.address("odd", "127.0.0.1");
            mesh.apply(config, decision(2, one, other, bad), sidecar);
            await().atMost(LONG).until(() -> sidecar.chat("m").status() == 200);
            awaitRefused(mesh, "one");
        }
    }

    @Test
    void a_side_that_refuses_a_cluster_serves_its_other_providers_and_says_503_for_that_one(@TempDir Path directory) {
        Pool good = pool("good", "alpha");
        Pool mixed = pool("mixed", "bad", "alpha");
        try (TestMesh mesh = new TestMesh();
                ProviderProxy side = ProviderProxy.start(directory, "side", mesh.port(), "alpha", "bad");
                Sidecar sidecar = Sidecar.start(directory, "agent", mesh.port())) {
            Config config = Meshes.config(
                    Policy.WATER_FILLING,
                    List.of(
                            Meshes.behind(side.port(), Meshes.provider("alpha", alpha.port())),
                            Meshes.behind(side.port(), bad("bad", NO_PEM))),
                    good,
                    mixed);
            mesh.apply(config, decision(1, good, mixed), sidecar, side);
            awaitRefused(mesh, "side", "first_attempts|bad", "further_attempts|bad");
            mesh.limit("alpha", 10, 10, 0);
            await().atMost(LONG).until(() -> {
                mesh.tick(config, decision(1, good, mixed));
                return sidecar.chat("good").status() == 200;
            });
            for (int i = 0; i < 20; i++) {
                assertThat(sidecar.chat("mixed").header("weir-provider")).contains("alpha");
            }
        }
    }
}
