package dev.weir.control.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HeaderTextTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"x-tenant", "x_tenant", "X-Conversation", "authorization", "x-session-id", "x-forwards", "x-ipx"
            })
    void names_that_arrive_are_accepted(String name) {
        assertThat(HeaderText.name(name)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x-request-id", "weir-x", "WEIR_X", "x-envoy-a", "x-forwarded-user", "x_forwarded_for", "Forwarded",
                "x-real-ip", "x-original-url", "x-http-method-override", "host", "accept-encoding", "x-client-ip", "a b"
            })
    void names_that_a_sidecar_strips_or_writes_are_refused(String name) {
        assertThat(HeaderText.name(name)).isEmpty();
    }
}
