package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class EndpointsTest {
    /** Per endpoint: its own address and those that follow it. */
    private static List<List<String>> endpoints(List<String> addresses) {
        List<List<String>> found = new ArrayList<>();
        Endpoints.of("c", Meshes.provider("p", 80), addresses)
                .getEndpointsList()
                .forEach(locality -> locality.getLbEndpointsList().forEach(each -> found.add(addresses(each))));
        return found;
    }

    private static List<String> addresses(LbEndpoint each) {
        Endpoint endpoint = each.getEndpoint();
        List<String> all =
                new ArrayList<>(List.of(endpoint.getAddress().getSocketAddress().getAddress()));
        endpoint.getAdditionalAddressesList()
                .forEach(a -> all.add(a.getAddress().getSocketAddress().getAddress()));
        return all;
    }

    @Test
    void each_address_is_an_endpoint_that_falls_back_on_the_others_and_on_the_other_family_first() {
        assertThat(endpoints(List.of())).isEmpty();
        assertThat(endpoints(List.of("10.0.0.1"))).containsExactly(List.of("10.0.0.1"));
        assertThat(endpoints(List.of("127.0.0.1", "::1")))
                .containsExactly(List.of("127.0.0.1", "::1"), List.of("::1", "127.0.0.1"));
        assertThat(endpoints(List.of("10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2")))
                .containsExactly(
                        List.of("10.0.0.1", "fd00::1", "10.0.0.2", "fd00::2"),
                        List.of("fd00::1", "10.0.0.2", "fd00::2", "10.0.0.1"),
                        List.of("10.0.0.2", "fd00::2", "10.0.0.1", "fd00::1"),
                        List.of("fd00::2", "10.0.0.1", "fd00::1", "10.0.0.2"));
    }

    @Test
    void a_name_with_many_addresses_tries_eight_of_them() {
        List<String> many = IntStream.range(0, 100).mapToObj(i -> "10.0.0." + i).toList();
        assertThat(endpoints(many)).hasSize(100).allMatch(each -> each.size() == 8);
    }
}
