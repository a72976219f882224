package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.Sidecar.Reply;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Pool.Member;
import dev.weir.control.testing.PoolMaker;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** A request says one thing to routing, to renaming, to counting and to its provider, or it is refused. */
@TestInstance(Lifecycle.PER_CLASS)
final class RequestReadingIT {
    private static final String CHAT = "/v1/chat/completions";
    private static final Usage USAGE = new Usage(11, 3, 14, 5);
    private static final String ASKED = "\"stream_options\":{\"include_usage\":true}";

    private final FakeProvider provider = new FakeProvider();
    private FakeMesh mesh;
    private Sidecar sidecar;

    @BeforeAll
    void start(@TempDir Path directory) {
        Pool plain = Meshes.pool("plain", new Match.Model("m"), "p");
        Pool renamed = PoolMaker.pool("renamed", new Match.Model("alias/ß"), "p")
                .members(List.of(new Member("p", Optional.of("real \"name\""), false)))
                .make();
        Pool path = PoolMaker.pool("path", new Match.PathPrefix("/any"), "p")
                .operations("POST /any/**")
                .members(List.of(new Member("p", Optional.of("real"), false)))
                .make();
        Pool untouched = PoolMaker.pool("untouched", new Match.PathPrefix("/raw"), "p")
                .operations("POST /raw/**")
                .make();
        mesh = new FakeMesh(directory, Map.of("p", provider), plain, renamed, path, untouched);
        sidecar = mesh.sidecar;
    }

    @AfterEach
    void sound() {
        mesh.assertSound();
    }

    @AfterAll
    void stop() {
        mesh.close();
    }

    @Test
    void a_byte_order_mark_is_read_over_and_not_sent_on() {
        Reply stream = sidecar.post(CHAT, "\uFEFF{ \"model\":\"m\",\"stream\":true}");
        assertThat(provider.last().body()).isEqualTo("{" + ASKED + ", \"model\":\"m\",\"stream\":true}");
        assertThat(mesh.call(stream).answer().usage()).isEqualTo(USAGE);

        sidecar.post(CHAT, "\uFEFF{\"model\":\"m\"}");
        assertThat(provider.last().body()).isEqualTo("{\"model\":\"m\"}");
        assertThat(provider.last().headers()).containsEntry("content-length", "13");
        sidecar.post(CHAT, "\uFEFF{\"model\":\"alias/ß\"}");
        assertThat(provider.last().body()).isEqualTo("{\"model\":\"real \\\"name\\\"\"}");
        sidecar.post("/raw/x", "\uFEFF[1]");
        assertThat(provider.last().body()).isEqualTo("[1]");

        assertRefused("\uFEFF\uFEFF{\"model\":\"m\"}", "invalid_json", "is not a JSON object");
    }

    @Test
    void escaped_keys_and_names_are_what_they_say() {
        sidecar.post(CHAT, "{\"\\u006dod\\u0065l\" :\"\\u0061lias\\/\\u00DF\",\"x\":\"\\\"model\\\":1\"}");
        assertThat(provider.last().body())
                .isEqualTo("{\"\\u006dod\\u0065l\" :\"real \\\"name\\\"\",\"x\":\"\\\"model\\\":1\"}");

        Reply stream = sidecar.post(
                CHAT,
                "{\"model\":\"m\",\"str\\u0065am\":true,\"\\u0073tream_options\":{\"include\\u005fusage\":false}}");
        assertThat(provider.last().body())
                .isEqualTo(
                        "{\"model\":\"m\",\"str\\u0065am\":true,\"\\u0073tream_options\":{\"include\\u005fusage\":true}}");
        assertThat(mesh.call(stream).answer().usage()).isEqualTo(USAGE);
        assertThat(mesh.call(stream).request().streamed()).isTrue();
    }

    @Test
    void a_key_twice_or_in_another_letter_case_is_refused_in_words() {
        for (String body : List.of(
                "{\"model\":\"m\",\"model\":\"m\"}",
                "{\"model\":\"m\",\"mod\\u0065l\":\"other\"}",
                "{\"model\":\"m\",\"stream\":false,\"stream\":true}",
                "{\"model\":\"m\",\"stream_options\":{},\"stream_options\":null}",
                "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true,\"include_usage\":false}}")) {
            assertRefused(body, "ambiguous_json", "twice: programs would read it in different ways");
        }
        for (String body : List.of(
                "{\"Model\":\"m\"}",
                "{\"model\":\"m\",\"MODEL\":\"other\"}",
                "{\"model\":\"m\",\"\\u004dodel\":\"other\"}",
                "{\"model\":\"m\",\"\u017Ftream\":true}",
                "{\"model\":\"m\",\"\\u017ftream_option\u017F\":{}}",
                "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"Include_Usage\":false}}")) {
            assertRefused(body, "ambiguous_json", "in another letter case: programs would read it in different ways");
        }
        // whoever takes the request
        for (String path : List.of("/any/x", "/raw/x")) {
            assertThat(sidecar.post(path, "{\"model\":\"a\",\"Model\":\"b\"}").status())
                    .isEqualTo(400);
        }
    }

    @Test
    void what_some_parsers_take_for_an_object_and_others_do_not_is_refused() {
        for (String body : List.of(
                "{\"model\":\"m\"",
                "{\"model\":\"m",
                "{\"model\":\"m\",",
                "{\"model\":\"m\",}",
                "{\"model\":\"m\"}}",
                "{\"model\":\"m\"} {}",
                "{\"model\":\"m\"}\u0000",
                "{\"model\":\"m\"}//",
                "{\"model\" \"m\"}",
                "{\"model\":}",
                "{\"model\":\"m\" \"x\":1}",
                "{model:\"m\"}",
                "{'model':'m'}",
                "{/**/\"model\":\"m\"}",
                "{\"x\":[/*\"*/1],\"model\":\"m\"}",
                "{\"x\":['\"'],\"model\":\"m\"}",
                "{\u000b\"model\":\"m\"}",
                "{\"x\":" + "[".repeat(2_000) + "]".repeat(2_000) + ",\"model\":\"m\"}")) {
            assertRefused(body, "invalid_json", body.length() > 2_000 ? "is nested deeper" : "is not valid JSON");
        }
        for (String body : List.of("[]", "null", "\"m\"", "7", "// {}", "\u0000{}")) {
            assertRefused(body, "invalid_json", "is not a JSON object");
        }
        assertThat(error(send(CHAT, "{\"model\":\"m\"}".getBytes(StandardCharsets.UTF_16BE))))
                .contains("is not a JSON object");
        assertThat(error(send(CHAT, "{\"model\":\"m\"}".getBytes(StandardCharsets.UTF_16LE))))
                .contains("is not valid JSON");
        // an overlong m: to some parsers the key is model
        byte[] overlong = "{\"??odel\":\"m\",\"model\":\"m\"}".getBytes(StandardCharsets.US_ASCII);
        overlong[2] = (byte) 0xc1;
        overlong[3] = (byte) 0xad;
        assertThat(error(send(CHAT, overlong))).contains("has a key that is not UTF-8");
        assertThat(error(sidecar.send(sidecar.request(CHAT).POST(BodyPublishers.noBody()))))
                .contains("The request has no body (expected: a JSON object).");
    }

    @Test
    void a_model_that_is_no_name_is_refused() {
        for (String model : List.of(
                "7",
                "true",
                "[\"m\"]",
                "{\"model\":\"m\"}",
                "\"\"",
                "\"\\ud83d\"",
                "\"\\ude00m\"",
                "\"\\x6d\"",
                "\"m\u0001\"",
                "\"" + "m".repeat(1_000_000) + "\"")) {
            assertRefused("{\"model\":" + model + "}", "invalid_value", "The model must be a name");
        }
        assertRefused("{\"model\":null}", "missing_required_parameter", "must have a model");
        assertRefused(
                "{\"x\":{\"model\":\"m\"},\"y\":[{\"model\":\"m\"}]}",
                "missing_required_parameter",
                "must have a model");
        assertThat(sidecar.post(CHAT, "{\"model\":\"\\ud83d\\ude00\"}").status())
                .isEqualTo(404);
    }

    @Test
    void what_is_nested_without_end_is_refused_and_harms_nobody() {
        for (int depth : List.of(1_001, 100_000, 1_000_000)) {
            for (String open : List.of("[", "{\"a\":")) {
                assertThat(sidecar.post(CHAT, "{\"model\":\"m\",\"x\":" + open.repeat(depth))
                                .status())
                        .as(open + depth)
                        .isEqualTo(400);
                assertThat(sidecar.post(CHAT, "{\"model\":\"m\"}").status()).isEqualTo(200);
            }
            assertRefused(
                    "{\"model\":\"m\",\"x\":" + "[".repeat(depth) + "]".repeat(depth) + "}",
                    "invalid_json",
                    "1000 levels");
        }
    }

    @Test
    void what_is_not_read_is_the_providers_to_decide() {
        for (String body : List.of(
                "{\"model\":\"m\",\"messages\":[{\"content\":\"cut \\ud83d\"}]}",
                "{\"model\":\"m\",\"n\":NaN,\"x\":1e999999,\"y\":-0.00}",
                "{\"model\":\"m\",\"__proto__\":{\"model\":\"x\"},\"\":1,\"\\ud83d\":2}",
                "{\"model\":\"m\",\"" + "k".repeat(500_000) + "\":1}",
                "{\"model\":\"m\",\"x\":" + "[".repeat(900) + "]".repeat(900) + "}",
                "{\"model\":\"m\",\"stream\":true,\"stream_options\":\"usage\"}",
                "{\"model\":\"m\",\"stream\":true,\"stream_options\":[1]}",
                "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":\"yes\"}}",
                "\t\r\n {\t\"x\\\\\":\"\\\\\\\\\",\"model\"\n:\r\"m\" } \n")) {
            provider.answers(FakeProvider.status(200));
            assertThat(sidecar.post(CHAT, body).status())
                    .as(body.substring(0, 30))
                    .isEqualTo(200);
            assertThat(provider.last().body()).isEqualTo(body);
        }
        provider.answers(FakeProvider::complete);
        StringBuilder keys = new StringBuilder("{");
        for (int i = 0; i < 100_000; i++) {
            keys.append("\"key").append(i).append("\":").append(i).append(',');
        }
        String many = keys.append("\"model\":\"m\"}").toString();
        assertThat(sidecar.post(CHAT, many).status()).isEqualTo(200);
        assertThat(provider.last().body()).isEqualTo(many);
    }

    @Test
    void words_are_counted_whatever_the_body_says() {
        String small =
                "{\"model\":\"m\",\"stream\":true,\"x\":\"Two  words\\nand a half; f(x, y) = 2.5e3 caf\u00e9 \u4e2d\u6587!?\"}";
        String large = "{\"model\":\"m\",\"x\":\"" + "ab c defg, ".repeat(20_000) + "\"}";
        for (String body : List.of("{\"model\":\"m\"}", "\uFEFF \n{\"model\":\"m\"}", small, large)) {
            long words = mesh.call(sidecar.post(CHAT, body)).request().words();
            long known = words(body.replace("\uFEFF", ""));
            long about = body.length() > 16_384 ? known / 100 : 0; // of long ones a part is read
            assertThat(words).as(body.substring(0, 12)).isBetween(known - about, known + about);
        }
        assertThat(mesh.call(sidecar.post("/raw/x", "[1]")).request().words()).isEqualTo(3);
    }

    private static long words(String body) {
        String bytes = new String(body.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        return Pattern.compile("[0-9A-Za-z\\x80-\\xff]+|[!-/:-@\\[-`{-\\x7f]+")
                .matcher(bytes)
                .results()
                .count();
    }

    @Test
    void a_stream_flag_that_is_none_is_refused_where_it_counts() {
        for (String stream : List.of("1", "\"true\"", "[true]", "{}", "tru")) {
            assertRefused(
                    "{\"model\":\"m\",\"stream\":" + stream + "}", "invalid_value", "stream must be true or false.");
        }
        assertThat(mesh.call(sidecar.post(CHAT, "{\"model\":\"m\",\"stream\":null}"))
                        .request()
                        .streamed())
                .isFalse();
        assertThat(sidecar.post("/v1/embeddings", "{\"model\":\"m\",\"stream\":1}")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void under_another_name_nothing_goes_to_a_provider_that_could_not_be_renamed() {
        int before = provider.seen().size();
        for (String body : List.of("[1]", "{\"model\":\"a\"", "x", "{\"model\":\"a\"} x")) {
            Reply reply = sidecar.post("/any/x", body);
            assertThat(reply.status()).as(body + reply.body()).isEqualTo(400);
            assertThat(reply.json().at("/error/code").asText()).isEqualTo("model_not_renamed");
            assertThat(reply.json().at("/error/request_id").asText())
                    .isEqualTo(reply.header("x-request-id").orElseThrow());
            assertThat(reply.header("weir-epoch")).contains("1.1");
        }
        assertThat(sidecar.post("/any/x", "{\"model\":\"a\"}", "content-type", "application/octet-stream")
                        .status())
                .isEqualTo(200);
        assertThat(provider.last().json().at("/model").asText()).isEqualTo("real");
        assertThat(sidecar.post("/any/x", "binary", "content-type", "application/octet-stream")
                        .status())
                .isEqualTo(400);
        assertThat(provider.seen()).hasSize(before + 1);
        // what the provider goes by may be the path
        assertThat(sidecar.post("/any/x", "{\"input\":1}").status()).isEqualTo(200);
        assertThat(provider.last().body()).isEqualTo("{\"input\":1}");
        assertThat(sidecar.send(sidecar.request("/any/x").POST(BodyPublishers.noBody()))
                        .status())
                .isEqualTo(200);
    }

    private void assertRefused(String body, String code, String words) {
        int before = provider.seen().size();
        Reply reply = sidecar.post(CHAT, body);
        String shown = body.substring(0, Math.min(60, body.length()));
        assertThat(reply.status()).as(shown).isEqualTo(400);
        assertThat(reply.json().at("/error/code").asText()).as(shown).isEqualTo(code);
        assertThat(reply.json().at("/error/message").asText()).as(shown).contains(words);
        assertThat(reply.json().at("/error/type").asText()).isEqualTo("invalid_request_error");
        assertThat(reply.json().at("/error/request_id").asText())
                .isEqualTo(reply.header("x-request-id").orElseThrow());
        assertThat(reply.header("weir-epoch")).contains("1.1");
        assertThat(provider.seen()).hasSize(before);
    }

    private Reply send(String path, byte[] body) {
        return sidecar.send(
                sidecar.request(path).POST(BodyPublishers.ofByteArray(body)), "content-type", "application/json");
    }

    private static String error(Reply reply) {
        assertThat(reply.status()).as(reply.body()).isEqualTo(400);
        return reply.json().at("/error/message").asText();
    }
}
