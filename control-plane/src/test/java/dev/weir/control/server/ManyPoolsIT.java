package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway of 400 models with five providers each, in the heap that the launcher gives. */
final class ManyPoolsIT {
    private static final int POOLS = 400;
    private static final int PROVIDERS = 5;

    @Test
    void four_hundred_pools_run_in_the_launchers_heap(@TempDir Path directory) throws Exception {
        HttpServer provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        provider.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        provider.start();
        StringBuilder objects = new StringBuilder();
        StringBuilder members = new StringBuilder();
        for (int i = 0; i < PROVIDERS; i++) {
            objects.append(RunningMesh.provider("p" + i, provider.getAddress().getPort(), ""));
            members.append(i == 0 ? "" : ", ").append("{provider: p").append(i).append('}');
        }
        for (int i = 0; i < POOLS; i++) {
            objects.append(RunningMesh.object(
                    "ProviderPool", "m" + i, "match: {model: m" + i + "}, providers: [" + members + "]"));
        }
        try (RunningMesh mesh = new RunningMesh(directory, launchersJvm())) {
            mesh.start(objects.toString(), 1, IntUnaryOperator.identity());
            for (int i : new int[] {0, POOLS / 2, POOLS - 1}) {
                assertThat(mesh.ask(0, "m" + i).get(30, TimeUnit.SECONDS).statusCode())
                        .isEqualTo(200);
            }
            // a change of one is a change of its routes, not a new start
            mesh.write(
                    "more.yaml",
                    RunningMesh.object("ProviderPool", "more", "match: {model: more}, providers: [" + members + "]"));
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> mesh.ask(0, "more").get(30, TimeUnit.SECONDS).statusCode() == 200);
            assertThat(mesh.controlPlane().isAlive()).isTrue();
            assertThat(mesh.metric("weir_lost_total")).isZero();
            assertThat(mesh.metric("weir_xds_nacks_total")).isZero();
        } finally {
            provider.stop(0);
        }
    }

    private static String[] launchersJvm() throws IOException {
        Matcher options = Pattern.compile("(?m)^SMALL_JVM=\"(.*)\"$").matcher(Files.readString(Path.of("../weir")));
        assertThat(options.find()).isTrue();
        return options.group(1).split(" ", -1);
    }
}
