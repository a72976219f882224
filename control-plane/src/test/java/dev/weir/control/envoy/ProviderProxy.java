package dev.weir.control.envoy;

import static org.awaitility.Awaitility.await;

import dev.weir.control.testbed.SidecarBootstrap;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.testing.EnvoyProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A real Envoy before providers, with the bootstrap of {@code envoy-configs}. */
final class ProviderProxy implements AutoCloseable {
    private final EnvoyProcess envoy;
    private final int port;

    private ProviderProxy(EnvoyProcess envoy, int port) {
        this.envoy = envoy;
        this.port = port;
    }

    /** Starts; the listener comes when the control plane sends it. */
    static ProviderProxy start(Path directory, String node, int controlPlanePort, String... providers) {
        int port = EnvoyProcess.freePort();
        String bootstrap = SidecarBootstrap.egress()
                .withNode(node)
                .withProfile(new SidecarProfile.Provider("127.0.0.1", port, List.of(providers)))
                .withControlPlane("127.0.0.1", controlPlanePort)
                .text();
        try {
            Path home = Files.createDirectories(directory.resolve(node));
            return new ProviderProxy(EnvoyProcess.start(home, bootstrap, "-l", "warning"), port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    EnvoyProcess envoy() {
        return envoy;
    }

    /** The limit in force of a cluster. */
    long limit(String cluster) {
        return envoy.admin("/clusters")
                .lines()
                .filter(line -> line.startsWith(cluster + "::default_priority::max_requests::"))
                .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(':') + 1)))
                .findFirst()
                .orElse(-1);
    }

    /** The limit that runtime discovery set, -1 = none. */
    long told(String cluster) {
        String key = "\"circuit_breakers." + cluster + ".default.max_requests\"";
        String runtime = envoy.admin("/runtime");
        int at = runtime.indexOf(key);
        if (at < 0) {
            return -1;
        }
        String entry = runtime.substring(at, runtime.indexOf('}', at));
        String value = "\"final_value\": \"";
        int from = entry.indexOf(value) + value.length();
        return Math.round(Double.parseDouble(entry.substring(from, entry.indexOf('"', from))));
    }

    void awaitTold(String cluster, long limit) {
        await().atMost(Duration.ofSeconds(30)).until(() -> told(cluster) == limit);
    }

    /** A listener is shown before its workers take connections. */
    boolean listens() {
        if (!envoy.admin("/listeners").contains(ProviderListener.NAME + "::")) {
            return false;
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        envoy.close();
    }
}
