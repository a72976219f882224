package dev.weir.control.envoy;

import static dev.weir.control.envoy.AnswerMesh.CHAT;
import static dev.weir.control.envoy.AnswerMesh.COUNTS;
import static dev.weir.control.envoy.AnswerMesh.JSON;
import static dev.weir.control.envoy.AnswerMesh.STREAM;
import static dev.weir.control.envoy.AnswerMesh.STREAM_WITH_USAGE;
import static dev.weir.control.envoy.AnswerMesh.USAGE;
import static dev.weir.control.envoy.AnswerMesh.content;
import static dev.weir.control.envoy.AnswerMesh.done;
import static dev.weir.control.envoy.AnswerMesh.finish;
import static dev.weir.control.envoy.AnswerMesh.usage;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.RawClient.End;
import dev.weir.control.envoy.RawClient.Received;
import dev.weir.control.envoy.RawProvider.Script;
import dev.weir.control.model.Provider.Tls;
import dev.weir.control.testing.ProviderMaker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Agents and providers that speak HTTP/2: to agents without TLS, to providers behind TLS that offer nothing else. */
@TestInstance(Lifecycle.PER_CLASS)
final class Http2IT {
    private static final String EVENTS = "text/event-stream";

    private AnswerMesh mesh;
    private Bridge provider;
    private Bridge agents;

    @BeforeAll
    void start(@TempDir Path directory) {
        Certificates certificates = new Certificates(directory);
        List<Bridge> before = new ArrayList<>();
        mesh = new AnswerMesh(folder(directory, "mesh"), port -> {
            Bridge bridge = Bridge.fromHttp2(folder(directory, "provider"), certificates.pem("p", "dns:p.test"), port);
            before.add(bridge);
            try {
                Tls tls = new Tls("p.test", Optional.of(Files.readString(certificates.authorities())));
                return ProviderMaker.provider("p", "p.test", bridge.port())
                        .tls(tls)
                        .make();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        provider = before.get(0);
        agents = Bridge.toHttp2(folder(directory, "agents"), mesh.port());
    }

    private static Path folder(Path directory, String name) {
        try {
            return Files.createDirectory(directory.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void sound() {
        mesh.assertSound();
        assertThat(provider.http2Connections()).isPositive();
    }

    @AfterAll
    void stop() {
        agents.close();
        mesh.close();
        provider.close();
    }

    /** By an agent that speaks HTTP/2. */
    private Received asked(String body) {
        return RawClient.post(agents.port(), CHAT, body);
    }

    @Test
    void a_length_that_no_longer_fits_is_left_out() {
        String all = content("one") + finish() + usage() + done();
        for (Script script : List.of(
                RawProvider.whole(200, EVENTS, all),
                RawProvider.whole(200, "text/plain", all),
                RawProvider.whole(200, EVENTS, all.strip()))) {
            mesh.provider.plays(script);

            Received received = asked(STREAM);

            assertThat(received.end()).isEqualTo(End.WHOLE);
            assertThat(received.text().strip()).isEqualTo((content("one") + finish() + done()).strip());
            assertThat(mesh.record(received).answer().usage()).isEqualTo(USAGE);
            assertThat(asked(STREAM_WITH_USAGE).text().strip()).isEqualTo(all.strip());
        }
        assertThat(agents.http2Connections()).isPositive();
    }

    @Test
    void answers_pass_as_they_are() {
        String large = "{\"data\":\"" + "x".repeat(3_000_000) + "\"," + COUNTS + "}";
        for (Script script : List.of(
                RawProvider.whole(200, "application/json", large),
                RawProvider.whole(500, EVENTS, "{\"error\":{\"message\":\"no\"}}"),
                RawProvider.pieces(EVENTS, content("one"), ": ping\n\n", finish().strip()),
                (request, wire) -> wire.send("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n")
                        .head(200, "content-type", EVENTS, "transfer-encoding", "chunked")
                        .chunk(content("one"))
                        .end(),
                (request, wire) -> wire.head(204))) {
            mesh.passes(script);
            Received direct = mesh.direct(CHAT, STREAM);
            Received received = asked(STREAM);
            assertThat(received.status()).isEqualTo(direct.status());
            assertThat(received.text()).isEqualTo(direct.text());
            assertThat(received.end()).isEqualTo(End.WHOLE);
        }
    }

    @Test
    void trailers_end_an_answer_and_cost_nothing_of_it() {
        String trailers = "0\r\nx-sum: 1\r\nweir-provider: q\r\n\r\n";
        Script stream = (request, wire) -> wire.head(
                        200, "content-type", EVENTS, "transfer-encoding", "chunked", "trailer", "x-sum")
                .chunk(content("one") + usage() + done())
                .send(trailers);
        mesh.hides(stream, content("one") + done());
        assertThat(asked(STREAM).text()).isEqualTo(content("one") + done());
        mesh.hides(
                (request, wire) -> wire.head(200, "content-type", EVENTS, "transfer-encoding", "chunked")
                        .chunk(content("one") + usage().strip())
                        .send(trailers),
                content("one"));
        String json = "{\"a\":1," + COUNTS + "}";
        assertThat(mesh.passes((request, wire) -> wire.head(
                                        200, "content-type", "application/json", "transfer-encoding", "chunked")
                                .chunk(json)
                                .send(trailers))
                        .answer()
                        .usage())
                .isEqualTo(USAGE);
        Received received = asked(JSON);
        assertThat(received.text()).isEqualTo(json);
        assertThat(received.end()).isEqualTo(End.WHOLE);
    }

    @Test
    void a_stream_that_its_provider_resets_is_cut() {
        mesh.provider.plays((request, wire) -> {
            wire.head(200, "content-type", EVENTS, "transfer-encoding", "chunked");
            wire.chunk(content("one")).pause(Duration.ofMillis(60)).reset();
        });
        for (Received received : List.of(mesh.through(CHAT, STREAM), asked(STREAM))) {
            assertThat(received.text()).isEqualTo(content("one"));
            assertThat(received.end()).isIn(End.CUT, End.RESET);
            assertThat(mesh.record(received).completed()).isFalse();
        }
    }

    @Test
    void an_agent_that_leaves_frees_its_provider() throws Exception {
        for (int port : List.of(mesh.port(), agents.port())) {
            CompletableFuture<Boolean> left = new CompletableFuture<>();
            mesh.provider.plays((request, wire) -> {
                wire.head(200, "content-type", EVENTS, "transfer-encoding", "chunked");
                wire.chunk(content("one"));
                left.complete(wire.left(Duration.ofSeconds(10)));
            });
            try (RawClient agent = RawClient.connect(port)) {
                agent.send(RawClient.request("POST", CHAT, STREAM, "content-type", "application/json"))
                        .read(false, Duration.ofMillis(200));
            }
            assertThat(left.get(10, TimeUnit.SECONDS)).isTrue();
        }
    }
}
