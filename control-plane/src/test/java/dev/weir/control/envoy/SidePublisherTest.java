package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import dev.weir.control.model.Config;
import dev.weir.control.model.Consumers;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Provider;
import dev.weir.control.model.ProviderProxy;
import dev.weir.control.testing.MeshMaker;
import dev.weir.control.testing.ProviderMaker;
import dev.weir.xds.delivery.ResourceSet;
import dev.weir.xds.delivery.SidecarProfile;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which sides ask for certificates, and of whom. */
final class SidePublisherTest {
    private static final String IDENTITY = "spiffe://m/side/a";
    private static final Consumers NAMED = new Consumers(Set.of("spiffe://m/consumer/*", "agent.test"));

    private final FakeDelivery delivery = new FakeDelivery();
    private final ProviderXdsPublisher publisher = new ProviderXdsPublisher(delivery, () -> 0);

    private ResourceSet published(String listen, Consumers consumers, String host, String identity, boolean insecure) {
        Provider provider = ProviderMaker.like(Meshes.provider("a", 80))
                .behind(new ProviderProxy(
                        host,
                        1,
                        0.5,
                        Duration.ofSeconds(2),
                        Optional.of(identity).filter(text -> !text.isEmpty()),
                        insecure))
                .make();
        Pool pool = Meshes.pool("m", new Match.Model("m"), "a");
        Config config = Meshes.config(Policy.WATER_FILLING, List.of(provider), pool);
        publisher.arrived(new SidecarProfile.Provider(listen, 10001, List.of("a")).withCertificates("/run/certs"));
        publisher.publish(
                Meshes.image(
                        1,
                        new Config(
                                MeshMaker.like(config.mesh())
                                        .consumers(consumers)
                                        .make(),
                                config.providers(),
                                config.pools()),
                        Meshes.decision(1, Meshes.decided(pool, 1_000_000))),
                true);
        return delivery.last();
    }

    private static boolean asks(ResourceSet resources) throws Exception {
        var chain = resources.listeners().get(0).getFilterChains(0);
        if (!chain.hasTransportSocket()) {
            assertThat(resources.routes().get(0).getVirtualHosts(0).getTypedPerFilterConfigMap())
                    .isEmpty();
            return false;
        }
        DownstreamTlsContext tls = chain.getTransportSocket().getTypedConfig().unpack(DownstreamTlsContext.class);
        assertThat(tls.getRequireClientCertificate().getValue()).isTrue();
        assertThat(tls.getCommonTlsContext()
                        .getTlsCertificateSdsSecretConfigs(0)
                        .getSdsConfig()
                        .getPathConfigSource()
                        .getPath())
                .isEqualTo("/run/certs/identity.yaml");
        return true;
    }

    private static List<String> callers(ResourceSet resources) throws Exception {
        Any named = resources.routes().get(0).getVirtualHosts(0).getTypedPerFilterConfigOrThrow(Callers.FILTER);
        return named.unpack(RBACPerRoute.class).getRbac().getRules().getPoliciesMap().values().stream()
                .flatMap(policy -> policy.getPrincipalsList().stream())
                .map(each -> each.getAuthenticated().getPrincipalName())
                .map(name -> name.getExact() + name.getPrefix())
                .toList();
    }

    @Test
    void on_loopback_whoever_comes_is_served() throws Exception {
        assertThat(asks(published("127.0.0.1", NAMED, "127.0.0.1", IDENTITY, false)))
                .isFalse();
        assertThat(asks(published("::1", Consumers.UNNAMED, "localhost", "", false)))
                .isFalse();
    }

    @Test
    void elsewhere_the_consumers_that_are_named_are() throws Exception {
        ResourceSet elsewhere = published("0.0.0.0", NAMED, "a.internal", IDENTITY, false);
        assertThat(asks(elsewhere)).isTrue();
        assertThat(callers(elsewhere)).containsExactly("agent.test", "spiffe://m/consumer/");
        // behind a forwarder that is on its machine
        assertThat(asks(published("127.0.0.1", NAMED, "a.internal", IDENTITY, false)))
                .isTrue();
    }

    /** Its port can be reached whatever the configuration believes. */
    @Test
    void one_that_listens_elsewhere_asks_also_where_its_host_is_said_to_be_loopback() throws Exception {
        ResourceSet exposed = published("0.0.0.0", Consumers.UNNAMED, "127.0.0.1", "", false);
        assertThat(asks(exposed)).isTrue();
        assertThat(callers(exposed)).isEmpty();
        assertThat(asks(published("10.0.0.1", NAMED, "localhost", IDENTITY, false)))
                .isTrue();
    }

    @Test
    void a_provider_that_is_not_there_changes_nothing() throws Exception {
        publisher.arrived(new SidecarProfile.Provider("0.0.0.0", 10002, List.of("nowhere")));
        assertThat(asks(published("0.0.0.0", Consumers.UNNAMED, "a.internal", "", true)))
                .isFalse();
        assertThat(delivery.published
                        .get(0)
                        .resources()
                        .listeners()
                        .get(0)
                        .getFilterChains(0)
                        .hasTransportSocket())
                .isTrue();
    }

    @Test
    void insecure_ones_ask_nobody() throws Exception {
        assertThat(asks(published("0.0.0.0", Consumers.UNNAMED, "a.internal", "", true)))
                .isFalse();
        assertThat(asks(published("0.0.0.0", NAMED, "a.internal", IDENTITY, true)))
                .isFalse();
    }
}
