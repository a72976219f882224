package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsExchange;
import dev.weir.control.envoy.Sidecar.Reply;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Provider;
import dev.weir.control.model.Provider.Tls;
import dev.weir.control.testing.ProviderMaker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.ExtendedSSLSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A provider outside the mesh behind an egress gateway: TLS and key are between the gateway and the provider alone. */
final class GatewayTlsIT {
    @Test
    void the_gateway_alone_speaks_tls_and_has_the_key(@TempDir Path directory) throws Exception {
        Certificates ours = new Certificates(Files.createDirectory(directory.resolve("ours")));
        Certificates theirs = new Certificates(Files.createDirectory(directory.resolve("theirs")));
        AtomicReference<String> serverName = new AtomicReference<>("");
        try (FakeProvider good = new FakeProvider(ours.server("good.test", "dns:good.test"));
                FakeProvider strange = new FakeProvider(theirs.server("good.test", "dns:good.test"));
                TestMesh mesh = new TestMesh();
                ProviderProxy gateway = ProviderProxy.start(directory, "egress", mesh.port(), "good", "strange");
                Sidecar sidecar = Sidecar.start(directory, "agent", mesh.port())) {
            good.answers((request, exchange) -> {
                ExtendedSSLSession session = (ExtendedSSLSession) ((HttpsExchange) exchange).getSSLSession();
                serverName.set(session.getRequestedServerNames().toString());
                FakeProvider.complete(request, exchange);
            });
            Tls tls = new Tls("good.test", Optional.of(Files.readString(ours.authorities())));
            Pool one = Meshes.pool("good", new Match.Model("good"), "good");
            Pool other = Meshes.pool("strange", new Match.Model("strange"), "strange");
            Config config = Meshes.config(
                    Policy.WATER_FILLING,
                    List.of(
                            Meshes.behind(gateway.port(), outside("good", good.port(), tls)),
                            Meshes.behind(gateway.port(), outside("strange", strange.port(), tls))),
                    one,
                    other);
            mesh.apply(
                    config,
                    Meshes.decision(1, Meshes.decided(one, 1_000_000), Meshes.decided(other, 1_000_000)),
                    sidecar,
                    gateway);

            Reply reply = sidecar.chat("good", "authorization", "Bearer the agent's");
            assertThat(reply.status()).as(reply.body()).isEqualTo(200);
            assertThat(serverName.get()).contains("good.test");
            assertThat(good.last().headers())
                    .containsEntry("authorization", "Bearer sk-outside")
                    .containsEntry("host", "good.test:" + good.port());
            // a stranger with the right name is not told the key
            assertThat(sidecar.chat("strange").status()).isEqualTo(503);
            assertThat(strange.seen()).isEmpty();
            assertThat(sidecar.envoy().configDump()).doesNotContain("sk-outside", "BEGIN CERTIFICATE");
            assertThat(mesh.refusals()).isEmpty();
        }
    }

    private static Provider outside(String name, int port, Tls tls) {
        return ProviderMaker.provider(name, tls.serverName(), port)
                .tls(tls)
                .credentials("authorization", "Bearer sk-outside")
                .make();
    }
}
