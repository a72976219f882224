package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.RawClient.End;
import dev.weir.control.envoy.RawClient.Received;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The harness itself, without a sidecar between: bytes, pieces and ends are what the script says. */
final class RawProviderTest {
    private final RawProvider provider = new RawProvider(RawProvider.whole(200, "text/plain", "hello"));

    @AfterEach
    void stop() {
        provider.close();
    }

    @Test
    void what_is_said_comes() {
        Received received = RawClient.post(provider.port(), "/v1/x", "{\"a\":1}");

        assertThat(received.status()).isEqualTo(200);
        assertThat(received.text()).isEqualTo("hello");
        assertThat(received.header("content-length")).contains("5");
        assertThat(received.end()).isEqualTo(End.WHOLE);
        assertThat(provider.last().text()).isEqualTo("{\"a\":1}");
        assertThat(provider.last().path()).isEqualTo("/v1/x");
    }

    @Test
    void pieces_come_apart_and_in_time() {
        provider.plays((request, wire) -> {
            wire.send("HTTP/1.1 103 Early Hints\r\n\r\n").head(200, "transfer-encoding", "chunked");
            wire.chunk("one").pause(Duration.ofMillis(60)).chunk("two").end();
        });

        Received received = RawClient.post(provider.port(), "/", "");

        assertThat(received.text()).isEqualTo("onetwo");
        assertThat(received.pieces()).hasSize(2);
        assertThat(received.nanosAt(3) - received.nanosAt(2)).isGreaterThan(20_000_000);
        assertThat(received.end()).isEqualTo(End.WHOLE);
    }

    @Test
    void a_connection_is_kept_until_the_script_closes_it() {
        try (RawClient client = RawClient.connect(provider.port())) {
            byte[] request = RawClient.request("POST", "/", "x");
            assertThat(client.send(request).read(false, Duration.ofSeconds(5)).text())
                    .isEqualTo("hello");
            provider.plays((seen, wire) -> wire.send("HTTP/1.1 200 OK\r\n\r\nby close".getBytes(StandardCharsets.UTF_8))
                    .close());
            Received second = client.send(request).read(false, Duration.ofSeconds(5));
            assertThat(second.text()).isEqualTo("by close");
            assertThat(second.end()).isEqualTo(End.WHOLE);
        }
    }

    @Test
    void ends_are_told_apart() {
        provider.plays((request, wire) ->
                wire.head(200, "content-length", "9").send("half").close());
        assertThat(RawClient.post(provider.port(), "/", "").end()).isEqualTo(End.CUT);

        provider.plays((request, wire) -> {
            wire.head(200, "content-length", "9").send("half").pause(Duration.ofMillis(30));
            wire.reset();
        });
        assertThat(RawClient.post(provider.port(), "/", "").end()).isEqualTo(End.RESET);

        provider.plays((request, wire) -> wire.left(Duration.ofSeconds(5)));
        try (RawClient client = RawClient.connect(provider.port())) {
            Received none = client.send(RawClient.request("GET", "/", "")).read(false, Duration.ofMillis(50));
            assertThat(none.end()).isEqualTo(End.TIMEOUT);
            assertThat(none.status()).isZero();
        }
    }

    @Test
    void a_head_has_no_body() {
        provider.plays((request, wire) -> wire.head(200, "content-length", "700"));

        Received received = RawClient.call(provider.port(), "HEAD", "/", "");

        assertThat(received.end()).isEqualTo(End.WHOLE);
        assertThat(received.body()).isEmpty();
        assertThat(provider.last().method()).isEqualTo("HEAD");
    }
}
