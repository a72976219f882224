package dev.weir.xds.delivery;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.xds.testing.RecordedDelivery;
import dev.weir.xds.testing.TestResources;
import dev.weir.xds.testing.TestResources.Member;
import io.envoyproxy.controlplane.cache.Resources;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In which order a sidecar that is slow to answer gets what it gets; everything on the test's thread. */
final class OrderTest {
    private static final String CLUSTERS = Resources.V3.CLUSTER_TYPE_URL;
    private static final String ENDPOINTS = Resources.V3.ENDPOINT_TYPE_URL;
    private static final String ROUTES = Resources.V3.ROUTE_TYPE_URL;
    private static final Member A = new Member("a", 500_000, 10, 1);
    private static final Member C = new Member("c", 500_000, 10, 1);
    private static final Member B = new Member("b", 500_000, 10, 1);

    private final AdsDelivery delivery = new AdsDelivery(new RecordedDelivery(), Runnable::run, () -> 0, () -> 0);
    private final Server server = InProcessServerBuilder.forName("order-test")
            .directExecutor()
            .addService(delivery.services().get(0))
            .build();
    private final ManagedChannel channel =
            InProcessChannelBuilder.forName("order-test").directExecutor().build();
    private final List<DeltaDiscoveryResponse> responses = new ArrayList<>();
    private final List<String> got = new ArrayList<>();
    private final Set<String> answered = new HashSet<>();

    @BeforeEach
    void start() throws IOException {
        server.start();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    private StreamObserver<DeltaDiscoveryRequest> open() {
        return AggregatedDiscoveryServiceGrpc.newStub(channel)
                .deltaAggregatedResources(new StreamObserver<DeltaDiscoveryResponse>() {
                    @Override
                    public void onNext(DeltaDiscoveryResponse response) {
                        responses.add(response);
                        List<String> names = new ArrayList<>();
                        response.getResourcesList().forEach(resource -> names.add(resource.getName()));
                        String type = response.getTypeUrl();
                        got.add(type.substring(type.lastIndexOf('.') + 1)
                                + names.stream().sorted().toList());
                    }

                    @Override
                    public void onError(Throwable error) {
                        got.add(error.toString());
                    }

                    @Override
                    public void onCompleted() {
                        got.add("completed");
                    }
                });
    }

    private static DeltaDiscoveryRequest subscribe(String typeUrl, String... names) {
        DeltaDiscoveryRequest.Builder request =
                DeltaDiscoveryRequest.newBuilder().setTypeUrl(typeUrl).addAllResourceNamesSubscribe(List.of(names));
        request.getNodeBuilder().setId("slow");
        return request.build();
    }

    /** Answers the newest response of a type. */
    private DeltaDiscoveryRequest answer(String typeUrl) {
        DeltaDiscoveryResponse newest = responses.stream()
                .filter(response -> response.getTypeUrl().equals(typeUrl))
                .reduce((a, b) -> b)
                .orElseThrow();
        return answer(newest);
    }

    /** Answers every response that was not answered, in order. */
    private void answerAll(StreamObserver<DeltaDiscoveryRequest> sidecar) {
        for (DeltaDiscoveryResponse response : List.copyOf(responses)) {
            if (!answered.contains(response.getNonce())) {
                sidecar.onNext(answer(response));
            }
        }
    }

    private DeltaDiscoveryRequest answer(DeltaDiscoveryResponse response) {
        answered.add(response.getNonce());
        return DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(response.getTypeUrl())
                .setResponseNonce(response.getNonce())
                .build();
    }

    private void publish(String epoch, int maxRequestsOfA, Member... members) {
        ResourceSet set = TestResources.set(SidecarProfile.Consumer.DEFAULT, epoch, List.of(members));
        List<Cluster> clusters = new ArrayList<>(set.clusters());
        clusters.set(0, TestResources.cluster("a", maxRequestsOfA));
        delivery.publish(
                SidecarProfile.Consumer.DEFAULT,
                new ResourceSet(clusters, set.endpoints(), set.listeners(), set.routes()));
    }

    /** A sidecar that has answered everything of one provider, and is sent a second provider. */
    private StreamObserver<DeltaDiscoveryRequest> withNewClusterUnanswered() {
        publish("1.1", 10, A);
        StreamObserver<DeltaDiscoveryRequest> sidecar = open();
        sidecar.onNext(subscribe(CLUSTERS));
        sidecar.onNext(answer(CLUSTERS));
        sidecar.onNext(subscribe(ENDPOINTS, "chat|a"));
        sidecar.onNext(answer(ENDPOINTS));
        sidecar.onNext(subscribe(ROUTES, TestResources.ROUTES));
        sidecar.onNext(answer(ROUTES));
        got.clear();
        publish("1.1", 10, A, B);
        assertThat(got).containsExactly("Cluster[chat|b]");
        return sidecar;
    }

    @Test
    void routes_do_not_overtake_clusters_that_wait_for_an_answer() {
        StreamObserver<DeltaDiscoveryRequest> sidecar = withNewClusterUnanswered();
        publish("1.2", 10, A, B, C);
        sidecar.onNext(subscribe(ENDPOINTS, "chat|b"));
        // the sidecar answers the second cluster only when it has its endpoints: they must not wait
        assertThat(got.subList(1, got.size())).containsExactly("ClusterLoadAssignment[chat|b]");
        sidecar.onNext(answer(ENDPOINTS));
        sidecar.onNext(answer(CLUSTERS));
        assertThat(got.subList(2, got.size())).containsExactly("Cluster[chat|c]");
        sidecar.onNext(answer(CLUSTERS));
        assertThat(got.subList(3, got.size())).containsExactly("RouteConfiguration[pools]");
    }

    @Test
    void endpoints_that_overtook_their_cluster_are_sent_again_after_it() {
        StreamObserver<DeltaDiscoveryRequest> sidecar = withNewClusterUnanswered();
        publish("1.1", 20, A, B);
        assertThat(got.subList(1, got.size())).containsExactly("ClusterLoadAssignment[chat|a]");
        sidecar.onNext(answer(ENDPOINTS));
        // another change of endpoints, due at the next answer: it must not be forgotten over the repetition
        sidecar.onNext(subscribe(ENDPOINTS, "chat|b"));
        publish("1.1", 20, A, new Member("b", 500_000, 10, 2));
        sidecar.onNext(answer(CLUSTERS));
        assertThat(got.subList(2, got.size()))
                .containsExactly("ClusterLoadAssignment[chat|b]", "Cluster[chat|a]", "ClusterLoadAssignment[chat|a]");
        answerAll(sidecar);
        assertThat(got.subList(5, got.size()))
                .containsExactly("RouteConfiguration[pools]", "ClusterLoadAssignment[chat|b]");
    }

    @Test
    void endpoint_changes_do_not_wait_for_clusters_that_did_not_change() {
        publish("1.1", 10, A);
        StreamObserver<DeltaDiscoveryRequest> sidecar = open();
        sidecar.onNext(subscribe(CLUSTERS));
        sidecar.onNext(subscribe(ENDPOINTS, "chat|a"));
        // the clusters are unanswered, and it does not matter
        assertThat(got).containsExactly("Cluster[chat|a]", "ClusterLoadAssignment[chat|a]");
        sidecar.onNext(answer(ENDPOINTS));
        publish("1.1", 10, new Member("a", 500_000, 10, 2));
        assertThat(got).hasSize(3).endsWith("ClusterLoadAssignment[chat|a]");
    }

    private DeltaDiscoveryRequest refusal(DeltaDiscoveryResponse response, String words) {
        DeltaDiscoveryRequest.Builder request = answer(response).toBuilder();
        request.getErrorDetailBuilder().setMessage(words);
        return request.build();
    }

    /** Answers every response, now and later, as a sidecar that refuses some resources: all or nothing, and in no words. */
    private void refuseWhatNames(StreamObserver<DeltaDiscoveryRequest> sidecar, Set<String> names) {
        for (int i = 0; i < responses.size(); i++) {
            DeltaDiscoveryResponse response = responses.get(i);
            if (!answered.contains(response.getNonce())) {
                boolean bad = response.getResourcesList().stream().anyMatch(each -> names.contains(each.getName()));
                sidecar.onNext(bad ? refusal(response, "no") : answer(response));
            }
        }
    }

    @Test
    void which_of_many_are_refused_is_found_out_by_halves_before_the_routes_go() {
        Member[] members = new Member[64];
        for (int i = 0; i < members.length; i++) {
            members[i] = new Member(i == 0 ? "a" : "m" + i, 1_000, 10, 1);
        }
        publish("1.1", 10, members);
        StreamObserver<DeltaDiscoveryRequest> sidecar = open();
        sidecar.onNext(subscribe(CLUSTERS));
        sidecar.onNext(subscribe(ROUTES, TestResources.ROUTES));
        Set<String> refused = Set.of("chat|m7", "chat|m44");
        refuseWhatNames(sidecar, refused);

        SidecarView.TypeState clusters = clusters();
        assertThat(clusters.refusals()).containsOnlyKeys(refused);
        assertThat(clusters.sent()).isLessThanOrEqualTo(1 + 2 * 2 * 6);
        assertThat(got.stream().filter("RouteConfiguration[pools]"::equals)).hasSize(1);
        assertThat(got.get(got.size() - 1)).isEqualTo("RouteConfiguration[pools]");

        // the same again is not sent; a change is
        publish("1.1", 10, members);
        publish("1.2", 10, members);
        assertThat(clusters().sent()).isEqualTo(clusters.sent());
        assertThat(got.stream().filter("RouteConfiguration[pools]"::equals)).hasSize(2);
    }

    @Test
    void routes_follow_what_a_sidecar_refuses_and_takes_again() {
        ResourceSet set = TestResources.set(SidecarProfile.Consumer.DEFAULT, "1.1", List.of(A, B));
        RouteTable table = absent -> List.of(set.routes().get(0).toBuilder()
                .addInternalOnlyHeaders("epoch " + new TreeSet<>(absent))
                .build());
        publish(set, set.clusters(), table);
        StreamObserver<DeltaDiscoveryRequest> sidecar = open();
        sidecar.onNext(subscribe(CLUSTERS));
        sidecar.onNext(subscribe(ROUTES, TestResources.ROUTES));
        refuseWhatNames(sidecar, Set.of("chat|b"));
        assertThat(lastRoutes()).isEqualTo("epoch [chat|b]");

        // a mended cluster is in the routes when it was accepted, and not before
        List<Cluster> mended = List.of(set.clusters().get(0), TestResources.cluster("b", 77));
        publish(set, mended, table);
        assertThat(lastRoutes()).isEqualTo("epoch [chat|b]");
        refuseWhatNames(sidecar, Set.of());
        assertThat(lastRoutes()).isEqualTo("epoch []");
        assertThat(clusters().refusals()).isEmpty();

        // a control plane that is new to it sends nothing that it has
        int before = responses.size();
        publish(set, mended, table);
        assertThat(responses).hasSize(before);
    }

    private void publish(ResourceSet set, List<Cluster> clusters, RouteTable table) {
        delivery.publish(
                SidecarProfile.Consumer.DEFAULT,
                new ResourceSet(clusters, set.endpoints(), set.listeners(), table.without(Set.of()), table));
    }

    private SidecarView.TypeState clusters() {
        return requireNonNull(delivery.sidecars().get(0).types().get(CLUSTERS));
    }

    private String lastRoutes() {
        try {
            return responses.stream()
                    .filter(response -> response.getTypeUrl().equals(ROUTES))
                    .reduce((a, b) -> b)
                    .orElseThrow()
                    .getResources(0)
                    .getResource()
                    .unpack(RouteConfiguration.class)
                    .getInternalOnlyHeaders(0);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }
}
