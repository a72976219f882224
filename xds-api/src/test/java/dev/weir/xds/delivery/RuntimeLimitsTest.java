package dev.weir.xds.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Value;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RuntimeLimitsTest {
    private static void refused(String provider, Map<String, Integer> clusters, String message) {
        assertThatThrownBy(() -> RuntimeLimits.check(Map.of(provider, clusters)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void what_envoy_would_obey_without_a_question_is_refused_here() {
        refused("p", Map.of("first|p", -1), "first|p: -1 (expected: requests in flight, 0-1000000)");
        refused("p", Map.of("first|p", 1_000_001), "first|p: 1000001");
        refused("p", Map.of("first|q", 1), "cluster: \"first|q\" (expected: one of provider p");
        refused("p", Map.of("fi.rst|p", 1), "without a dot");
        refused("p", Map.of("first|p", 0, "further|p", 0), "0 everywhere");
        refused("p", Map.of(), "expected: a name, and a limit or more");
        refused("", Map.of("first|", 1), "expected: a name");
        assertThatCode(() -> RuntimeLimits.check(Map.of("p", Map.of("first|p", 0, "further|p", 1_000_000))))
                .doesNotThrowAnyException();
    }

    @Test
    void a_side_hears_of_its_own_providers_only() {
        Map<String, Map<String, Integer>> all = Map.of("p", Map.of("first|p", 3), "q", Map.of("first|q", 5));
        assertThat(RuntimeLimits.layer(new SidecarProfile.Provider("::1", 1, List.of("p", "r")), all)
                        .getFieldsMap())
                .isEqualTo(Map.of(
                        "circuit_breakers.first|p.default.max_requests",
                        Value.newBuilder().setNumberValue(3).build()));
    }
}
