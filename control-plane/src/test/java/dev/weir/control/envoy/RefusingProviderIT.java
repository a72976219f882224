package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.xds.testing.EnvoyProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A control plane in a process of its own and a provider whose key expires: found out, told, and forgiven. */
final class RefusingProviderIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final FakeProvider expiring = new FakeProvider();
    private final FakeProvider good = new FakeProvider();
    private final HttpClient http = HttpClient.newHttpClient();
    private final int xdsPort = EnvoyProcess.freePort();
    private final int adminPort = EnvoyProcess.freePort();
    private Process controlPlane;
    private Sidecar sidecar;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        Path config = Files.createDirectories(directory.resolve("config"));
        Files.writeString(config.resolve("mesh.yaml"), """
                apiVersion: weir.dev/v1alpha1
                kind: Mesh
                metadata: {name: test}
                spec: {xds: {listen: '127.0.0.1:%d'}, admin: {listen: '127.0.0.1:%d'}, capacity: {source: file}}
                ---
                apiVersion: weir.dev/v1alpha1
                kind: Provider
                metadata: {name: expiring}
                spec: {endpoint: {host: 127.0.0.1, port: %d}, capacity: {workUnitsPerSecond: 100, slots: 4}}
                ---
                apiVersion: weir.dev/v1alpha1
                kind: Provider
                metadata: {name: good}
                spec: {endpoint: {host: 127.0.0.1, port: %d}, capacity: {workUnitsPerSecond: 100, slots: 4}}
                ---
                apiVersion: weir.dev/v1alpha1
                kind: ProviderPool
                metadata: {name: split}
                spec: {match: {model: split}, providers: [{provider: expiring}, {provider: good}], retries: 0}
                ---
                apiVersion: weir.dev/v1alpha1
                kind: ProviderPool
                metadata: {name: picked}
                spec:
                  match: {model: picked}
                  providers: [{provider: expiring}, {provider: good}]
                  retries: 0
                  admission: governed
                """.formatted(xdsPort, adminPort, expiring.port(), good.port()));
        controlPlane = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.weir.control.cli.Main",
                        "run",
                        "--config",
                        config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("control-plane.log").toFile())
                .start();
        sidecar = Sidecar.start(directory, "agent", xdsPort);
        for (String pool : new String[] {"split", "picked"}) {
            await().atMost(LONG)
                    .ignoreExceptions()
                    .until(() -> sidecar.chat(pool).status() == 200);
        }
    }

    @AfterEach
    void stop() {
        sidecar.close();
        controlPlane.destroyForcibly();
        expiring.close();
        good.close();
    }

    /** Of 100 calls to each pool, how many did not get 200. */
    private int failed() {
        int failed = 0;
        for (int i = 0; i < 100; i++) {
            failed += sidecar.chat("split").status() == 200 ? 0 : 1;
            failed += sidecar.chat("picked").status() == 200 ? 0 : 1;
        }
        return failed;
    }

    private String admin(String path) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + path))
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_key_that_expires_is_found_out_in_both_kinds_of_pool_and_its_renewal_too() {
        good.answers((request, exchange) -> {
            exchange.getResponseHeaders().set("x-ratelimit-limit-requests", "500");
            FakeProvider.complete(request, exchange);
        });
        assertThat(failed()).isZero();
        await().atMost(LONG).until(() -> admin("/v1/providers").contains("\"limit\":500.0,\"source\":\"told\""));
        assertThat(admin("/metrics"))
                .contains("weir_quota_limit_units{model=\"split\",provider=\"good\",unit=\"requests\"} 500");

        expiring.answers(FakeProvider.status(401));
        String told = "to what others complete";
        await().atMost(LONG).until(() -> {
            failed();
            String reasons = admin("/v1/providers");
            return reasons.contains("from pool split: answers 401 " + told)
                    && reasons.contains("from pool picked: answers 401 " + told);
        });
        await().atMost(LONG).until(() -> failed() <= 8); // of 200, probes among them
        assertThat(admin("/metrics"))
                .contains("weir_provider_failures_total{pool=\"split\",provider=\"expiring\",status=\"401\"}");

        expiring.answers(FakeProvider::complete);
        await().atMost(LONG).until(() -> {
            int failed = failed();
            return failed == 0 && !admin("/v1/providers").contains(told);
        });
        int before = expiring.seen().size();
        await().atMost(LONG).until(() -> {
            failed();
            return expiring.seen().size() > before + 60;
        });
    }

    @Test
    void a_key_over_its_limit_is_left_alone_for_as_long_as_its_provider_says_and_no_longer() {
        expiring.answers(FakeProvider.status(429, "retry-after", "4"));
        String told = ": its key is over a limit and wants a pause";
        await().atMost(LONG).until(() -> {
            failed();
            String reasons = admin("/v1/providers");
            return reasons.contains("from pool split" + told) && reasons.contains("from pool picked" + told);
        });
        assertThat(failed()).as("of 200, probes among them").isLessThanOrEqualTo(8);
        expiring.answers(FakeProvider::complete);
        await().atMost(LONG)
                .until(() -> failed() == 0 && !admin("/v1/providers").contains(told));
        int before = expiring.seen().size();
        await().atMost(LONG).until(() -> {
            failed();
            return expiring.seen().size() > before + 60;
        });
    }
}
