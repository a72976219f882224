package dev.weir.bench.loop;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import org.junit.jupiter.api.Test;

class ChanceRelayTest {
    @Test
    void onlyTheHeaderThatDrawsIsTaken() throws Exception {
        DeltaDiscoveryResponse told = response("weir-turn");

        byte[] relayed = ChanceRelay.byChance(told.toByteArray());

        assertThat(DeltaDiscoveryResponse.parseFrom(relayed)).isEqualTo(response(""));
    }

    private static DeltaDiscoveryResponse response(String header) {
        WeightedCluster.Builder split = WeightedCluster.newBuilder()
                .addClusters(
                        WeightedCluster.ClusterWeight.newBuilder().setName("a").setWeight(UInt32Value.of(7)));
        if (!header.isEmpty()) {
            split.setHeaderName(header);
        }
        RouteConfiguration routes = RouteConfiguration.newBuilder()
                .setName("routes")
                .addVirtualHosts(VirtualHost.newBuilder()
                        .addRoutes(Route.newBuilder()
                                .setRoute(RouteAction.newBuilder().setWeightedClusters(split)))
                        .addRoutes(Route.newBuilder()
                                .setRoute(RouteAction.newBuilder().setCluster("b"))))
                .build();
        return DeltaDiscoveryResponse.newBuilder()
                .setNonce("5")
                .addResources(Resource.newBuilder().setName("routes").setResource(Any.pack(routes)))
                .addResources(Resource.newBuilder()
                        .setName("a")
                        .setResource(Any.pack(Cluster.newBuilder().setName("a").build())))
                .build();
    }
}
