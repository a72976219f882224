package dev.weir.control.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import dev.weir.control.collect.Collector.Settings;
import dev.weir.control.model.Failpoints;
import dev.weir.xds.telemetry.AccessLogs;
import dev.weir.xds.testing.EnvoyProcess;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Envoy writes, is told to open its log anew, is killed and started again on the same file. */
final class RealSidecarIT {
    private static final Duration LONG = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void every_line_of_an_envoy_arrives_once_over_renames_and_restarts() throws Exception {
        Path log = Files.createDirectory(folder.resolve("logs")).resolve("access.log");
        try (CollectorPeer controlPlane = new CollectorPeer(folder.resolve("weir.db"), 0)) {
            EnvoyProcess envoy = EnvoyProcess.start(folder, bootstrap(log));
            try {
                Collector collector = collector(controlPlane, envoy, log);
                Thread thread = start(collector);
                call(envoy, 1_500);
                await().atMost(LONG).until(() -> controlPlane.totals().calls() == 1_500);
                assertThat(renamed(log)).isLessThan(2);

                envoy.kill();
                envoy = EnvoyProcess.start(folder, bootstrap(log));
                collector.stop();
                thread.join();
                collector = collector(controlPlane, envoy, log); // its admin port is another one now
                thread = start(collector);
                call(envoy, 1_500);
                await().atMost(LONG).until(() -> controlPlane.totals().calls() == 3_000);
                EnvoyProcess last = envoy;
                await().atMost(LONG).until(() -> {
                    call(last, 1); // the log is opened with the next line
                    return renamed(log) == 0;
                });
                collector.stop();
                thread.join();
                assertThat(controlPlane.ledger.counts().rejectedLines()).isZero();
                assertThat(controlPlane.ledger.counts().duplicates()).isZero();
                assertThat(Files.size(log)).isLessThan(500_000);
            } finally {
                envoy.close();
            }
        }
    }

    @Test
    void a_sidecar_whose_log_is_on_a_full_disk_counts_what_it_cannot_write() throws Exception {
        try (EnvoyProcess envoy = EnvoyProcess.start(folder, bootstrap(Path.of("/dev/full")))) {
            SidecarAdmin admin = new SidecarAdmin(new HostPort("127.0.0.1", envoy.adminPort()));
            assertThat(admin.failedWrites().get(30, TimeUnit.SECONDS)).isZero();
            call(envoy, 20);
            await().atMost(LONG).until(() -> admin.failedWrites().get(30, TimeUnit.SECONDS) > 0);
        }
    }

    private void call(EnvoyProcess envoy, int count) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + envoy.listenerPort("agents") + "/");
        for (int i = 0; i < count; i++) {
            HttpResponse<Void> answer =
                    http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding());
            assertThat(answer.statusCode()).isEqualTo(200);
        }
    }

    private static Collector collector(CollectorPeer controlPlane, EnvoyProcess envoy, Path log) {
        return new Collector(
                new Settings(
                        "sidecar-1",
                        log,
                        new HostPort("127.0.0.1", controlPlane.port()),
                        Optional.of(new HostPort("127.0.0.1", envoy.adminPort())),
                        100_000),
                System::nanoTime,
                new SplittableRandom(1),
                Failpoints.NONE);
    }

    private static Thread start(Collector collector) {
        Thread thread = new Thread(() -> {
            try {
                collector.run();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        thread.start();
        return thread;
    }

    private static long renamed(Path log) throws IOException {
        try (Stream<Path> all = Files.list(log.getParent())) {
            return all.filter(p -> p.toString().contains(".weir-")).count();
        }
    }

    private static Bootstrap bootstrap(Path log) {
        Route route = Route.newBuilder()
                .setName("all")
                .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                .setDirectResponse(DirectResponseAction.newBuilder().setStatus(200))
                .build();
        HttpConnectionManager manager = HttpConnectionManager.newBuilder()
                .setStatPrefix("agents")
                .addAccessLog(AccessLogs.callsToFile(log.toString()))
                .setRouteConfig(RouteConfiguration.newBuilder()
                        .addVirtualHosts(VirtualHost.newBuilder()
                                .setName("all")
                                .addDomains("*")
                                .addRoutes(route)))
                .addHttpFilters(HttpFilter.newBuilder()
                        .setName("envoy.filters.http.router")
                        .setTypedConfig(Any.pack(Router.getDefaultInstance())))
                .build();
        Listener listener = Listener.newBuilder()
                .setName("agents")
                .setAddress(Address.newBuilder()
                        .setSocketAddress(SocketAddress.newBuilder()
                                .setAddress("127.0.0.1")
                                .setPortValue(0)))
                .addFilterChains(FilterChain.newBuilder()
                        .addFilters(Filter.newBuilder()
                                .setName("envoy.filters.network.http_connection_manager")
                                .setTypedConfig(Any.pack(manager))))
                .build();
        return Bootstrap.newBuilder()
                .setStaticResources(Bootstrap.StaticResources.newBuilder().addAllListeners(List.of(listener)))
                .build();
    }
}
