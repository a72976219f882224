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

/** Providers behind TLS: called by their name, trusted only with a certificate for it of the given authority. */
final class TlsIT {
    @Test
    void only_the_right_name_of_the_right_authority_is_called(@TempDir Path directory) throws Exception {
        Certificates ours = new Certificates(Files.createDirectory(directory.resolve("ours")));
        Certificates theirs = new Certificates(Files.createDirectory(directory.resolve("theirs")));
        AtomicReference<String> serverName = new AtomicReference<>("");
        try (FakeProvider good = new FakeProvider(ours.server("good.test", "dns:good.test"));
                FakeProvider ip = new FakeProvider(ours.server("ip.test", "ip:127.0.0.1"));
                FakeProvider otherName = new FakeProvider(ours.server("other.test", "dns:other.test"));
                FakeProvider otherAuthority = new FakeProvider(theirs.server("good.test", "dns:good.test"));
                TestMesh mesh = new TestMesh();
                Sidecar sidecar = Sidecar.start(directory, "tls", mesh.port())) {
            good.answers((request, exchange) -> {
                ExtendedSSLSession session = (ExtendedSSLSession) ((HttpsExchange) exchange).getSSLSession();
                serverName.set(session.getRequestedServerNames().toString());
                FakeProvider.complete(request, exchange);
            });
            Optional<String> file = Optional.of(Files.readString(ours.authorities()));
            List<Provider> providers = List.of(
                    tls("good", good.port(), new Tls("good.test", file)),
                    tls("ip", ip.port(), new Tls("127.0.0.1", file)),
                    tls("other-name", otherName.port(), new Tls("good.test", file)),
                    tls("other-authority", otherAuthority.port(), new Tls("good.test", file)),
                    tls("system", good.port(), new Tls("good.test", Optional.empty())),
                    // as one that only a newer Envoy could take
                    tls("unreadable", good.port(), new Tls("good.test", Optional.of("no certificate"))));
            Pool[] pools = providers.stream()
                    .map(each -> Meshes.pool(each.name(), new Match.Model(each.name()), each.name()))
                    .toArray(Pool[]::new);
            Config config = Meshes.config(Policy.WATER_FILLING, providers, pools);
            mesh.apply(
                    config,
                    Meshes.decision(
                            1,
                            java.util.Arrays.stream(pools)
                                    .map(pool -> Meshes.decided(pool, 1_000_000))
                                    .toArray(dev.weir.weights.Proposal.PoolProposal[]::new)),
                    sidecar);

            Reply reply = sidecar.chat("good");
            assertThat(reply.status()).as(reply.body()).isEqualTo(200);
            assertThat(serverName.get()).contains("good.test");
            assertThat(good.last().headers()).containsEntry("host", "good.test:" + good.port());
            assertThat(sidecar.chat("ip").status()).isEqualTo(200);

            assertRefused(sidecar, "other-name", "fail_verify_san");
            assertRefused(sidecar, "other-authority", "fail_verify_error");
            assertRefused(sidecar, "system", "fail_verify_error");
            // its cluster is refused, and it alone is out
            assertThat(sidecar.chat("unreadable").json().at("/error/code").asText())
                    .isEqualTo("no_provider");
            assertThat(otherName.seen()).isEmpty();
            assertThat(otherAuthority.seen()).isEmpty();
            assertThat(mesh.refusals()).singleElement().asString().contains("unreadable|unreadable");
        }
    }

    private static void assertRefused(Sidecar sidecar, String provider, String stat) {
        assertThat(sidecar.chat(provider).status()).as(provider).isEqualTo(503);
        assertThat(sidecar.envoy().stat("cluster." + provider + "|" + provider + ".ssl." + stat))
                .as(provider)
                .isPositive();
    }

    private static Provider tls(String name, int port, Tls tls) {
        return ProviderMaker.provider(name, tls.serverName(), port).tls(tls).make();
    }
}
