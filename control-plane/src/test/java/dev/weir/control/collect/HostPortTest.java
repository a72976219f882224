package dev.weir.control.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HostPortTest {
    @Test
    void names_and_addresses_are_read() {
        assertThat(HostPort.parse("weir.svc:18000")).isEqualTo(new HostPort("weir.svc", 18_000));
        assertThat(HostPort.parse("127.0.0.1:1")).hasToString("127.0.0.1:1");
        assertThat(HostPort.parse("[::1]:65535"))
                .isEqualTo(new HostPort("::1", 65_535))
                .hasToString("[::1]:65535");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "host",
                "host:",
                ":80",
                "host:0",
                "host:65536",
                "host:-1",
                "host:999999",
                "::1:80",
                "a b:80",
                "http://host:80",
                "host:80/x",
                "me@host:80"
            })
    void anything_else_is_refused(String text) {
        assertThatThrownBy(() -> HostPort.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("\"" + text + "\" (expected: HOST:PORT, for instance 127.0.0.1:18000)");
    }
}
