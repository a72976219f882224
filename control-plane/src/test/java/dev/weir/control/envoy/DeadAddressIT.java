package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.Sidecar.Reply;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.testing.PoolMaker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Names with several addresses of which one or more lead nowhere; the provider listens on 127.0.0.1 alone. */
@TestInstance(Lifecycle.PER_CLASS)
final class DeadAddressIT {
    private final FakeProvider provider = new FakeProvider();
    private final FakeProvider sided = new FakeProvider();
    private final TestMesh mesh = new TestMesh();
    private final List<AutoCloseable> silent = new ArrayList<>();
    private ProviderProxy side;
    private Sidecar sidecar;

    @BeforeAll
    void start(@TempDir Path directory) throws IOException {
        Pool dual = once("dual");
        Pool again = Meshes.pool("again", new Match.Model("again"), "dual");
        Pool three = once("three");
        Pool hole = once("hole");
        Pool behind = once("behind");
        side = ProviderProxy.start(directory, "side", mesh.port(), "behind");
        Config config = Meshes.config(
                Policy.WATER_FILLING,
                List.of(
                        Meshes.provider("dual", provider.port()),
                        Meshes.provider("three", provider.port()),
                        Meshes.provider("hole", provider.port()),
                        Meshes.behind(side.port(), Meshes.provider("behind", sided.port()))),
                dual,
                again,
                three,
                hole,
                behind);
        mesh.address("dual", "::1", "127.0.0.1");
        mesh.address("three", "127.0.0.1", "127.0.0.2", "::1");
        swallow("127.0.0.3", provider.port());
        mesh.address("hole", "127.0.0.1", "127.0.0.3");
        // towards the side, and from the side to its provider
        mesh.address("behind", "127.0.0.1", "::1");
        mesh.address(dev.weir.xds.wire.ClusterName.firstAttempts("behind"), "::1", "127.0.0.1", "127.0.0.2");
        sidecar = Sidecar.start(directory, "dead-address", mesh.port());
        mesh.apply(
                config,
                Meshes.decision(
                        1,
                        Meshes.decided(dual, 1_000_000),
                        Meshes.decided(again, 1_000_000),
                        Meshes.decided(three, 1_000_000),
                        Meshes.decided(hole, 1_000_000),
                        Meshes.decided(behind, 1_000_000)),
                sidecar,
                side);
    }

    private static Pool once(String name) {
        return PoolMaker.pool(name, new Match.Model(name), name).retries(0).make();
    }

    /** Connections to it neither succeed nor fail: a listener whose queue is full. */
    private void swallow(String ip, int port) throws IOException {
        ServerSocket full = new ServerSocket(port, 1, InetAddress.getByName(ip));
        silent.add(full);
        for (int i = 0; i < 4; i++) {
            Socket waits = new Socket();
            silent.add(waits);
            try {
                waits.connect(new InetSocketAddress(ip, port), 100);
            } catch (java.net.SocketTimeoutException e) {
                return;
            }
        }
        throw new IOException("the queue of " + ip + " never fills");
    }

    @AfterAll
    void stop() throws Exception {
        sidecar.close();
        side.close();
        mesh.close();
        provider.close();
        sided.close();
        for (AutoCloseable each : silent) {
            each.close();
        }
    }

    private void everyCallIsServedAtOnce(String pool, int calls) {
        for (int i = 0; i < calls; i++) {
            Reply reply = sidecar.chat(pool);
            assertThat(reply.status()).as(pool + ": " + reply.body()).isEqualTo(200);
            assertThat(reply.header("weir-attempts")).contains("1");
        }
        assertThat(mesh.refusals()).isEmpty();
    }

    @Test
    void a_provider_that_listens_in_one_family_costs_no_call() {
        everyCallIsServedAtOnce("dual", 20);
        everyCallIsServedAtOnce("again", 20);
    }

    @Test
    void two_of_three_may_be_dead() {
        everyCallIsServedAtOnce("three", 21);
    }

    @Test
    void one_that_says_nothing_is_left_for_the_next() {
        everyCallIsServedAtOnce("hole", 6);
    }

    @Test
    void a_side_and_its_provider_likewise() {
        everyCallIsServedAtOnce("behind", 20);
    }
}
