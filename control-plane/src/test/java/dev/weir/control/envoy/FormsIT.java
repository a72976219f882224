package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.Sidecar.Reply;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Pool.Member;
import dev.weir.control.testing.PoolMaker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Forms, as of transcriptions: routed and renamed by their field model, or refused. */
@TestInstance(Lifecycle.PER_CLASS)
final class FormsIT {
    private static final String PATH = "/v1/audio/transcriptions";

    private final FakeProvider first = new FakeProvider();
    private final FakeProvider second = new FakeProvider();
    private FakeMesh mesh;
    private Sidecar sidecar;

    @BeforeAll
    void start(@TempDir Path directory) {
        Pool plain = Meshes.pool("plain", new Match.Model("whisper é"), "first");
        Pool renamed = PoolMaker.pool("renamed", new Match.Model("alias"), "first")
                .members(List.of(
                        new Member("first", Optional.of("a \"longer\" name"), false),
                        new Member("second", Optional.empty(), false)))
                .make();
        Pool path = Meshes.pool("path", new Match.PathPrefix("/audio"), "first");
        Pool pathRenamed = PoolMaker.pool("path-renamed", new Match.PathPrefix("/renamed"), "first")
                .members(List.of(new Member("first", Optional.of("real"), false)))
                .make();
        Pool header = Meshes.pool("header", new Match.Header("x-class", "batch"), "first");
        mesh = new FakeMesh(
                directory, Map.of("first", first, "second", second), plain, renamed, path, pathRenamed, header);
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
    void by_the_field_model_wherever_it_stands_and_however_it_is_named() {
        String file = part("name=\"file\"; filename=\"a \\\"b\\\"; name=model.wav\"", "x--b\r\n-- b--\r\n\u0000model");
        for (String model : List.of(
                part("name=\"model\"", "whisper é"),
                part("name=model", "whisper é"),
                String.join(
                        "\r\n",
                        "--b",
                        "Content-Type: text/plain; charset=utf-8",
                        "CONTENT-DISPOSITION:form-data ;x=\"y\" ; Name = \"model\" ",
                        "",
                        "whisper é",
                        ""))) {
            for (String body : List.of(model + file + "--b--\r\n", file + model + "--b--")) {
                for (String type : List.of(
                        "multipart/form-data; boundary=b",
                        "Multipart/Form-Data;charset=utf-8; Boundary=\"b\"",
                        "multipart/form-data; boundary=b ; x=y")) {
                    Reply reply = sidecar.post(PATH, body, "content-type", type);
                    assertThat(mesh.call(reply).route().pool()).isEqualTo("plain");
                    assertThat(mesh.call(reply).request().model()).isEqualTo("whisper é");
                    assertThat(first.last().body()).isEqualTo(body);
                }
            }
        }
    }

    @Test
    void each_attempt_gets_the_name_of_its_provider_and_the_right_length() {
        first.answers(FakeProvider.status(503));
        String file = part("name=\"file\"; filename=\"x\"", "alias\r\nname=\"model\"\r\n".repeat(1000));
        String body = part("name=\"response_format\"", "json") + part("name=\"model\"", "alias") + file + "--b--\r\n";

        Reply reply = sidecar.post(PATH, body, "content-type", "multipart/form-data; boundary=b");

        assertThat(reply.status()).isEqualTo(200);
        String renamed = part("name=\"response_format\"", "json") + part("name=\"model\"", "a \"longer\" name") + file
                + "--b--\r\n";
        assertThat(first.last().body()).isEqualTo(renamed);
        assertThat(first.last().headers()).containsEntry("content-length", Integer.toString(renamed.length()));
        assertThat(second.last().body()).isEqualTo(body);
        assertThat(second.last().headers()).containsEntry("content-length", Integer.toString(body.length()));
    }

    @Test
    void a_form_that_parsers_read_in_two_ways_is_refused() {
        String model = part("name=\"model\"", "alias");
        for (String body : List.of(
                model + model + "--b--\r\n",
                model + part("name=model", "other") + "--b--\r\n",
                part("name=\"model\"; filename=\"x\"", "alias") + "--b--\r\n",
                part("name=\"x\"; name=\"model\"", "alias") + "--b--\r\n",
                part("name*=UTF-8''model", "alias") + "--b--\r\n",
                part("name=\"mod%65l\"", "alias") + model + "--b--\r\n",
                part("name=\"model\"\r\nContent-Transfer-Encoding: base64", "YWxpYXM=") + "--b--\r\n",
                part("name=\"model\"\r\nContent-Disposition: form-data; name=\"x\"", "alias") + "--b--\r\n",
                model + "--b--\r\n" + model + "--b--\r\n",
                model + part("name=\"x\"", "1\n--b\nContent-Disposition: form-data; name=\"model\"\n\nother")
                        + "--b--\r\n",
                model + "--bb\r\n\r\n--b--\r\n",
                "preamble\r\n" + model + "--b--\r\n",
                model.replace("\r\n", "\n") + "--b--\n",
                model,
                model + "--b",
                "--b\r\n\r\nalias\r\n--b--\r\n",
                part("name=\"x\"\r\nX: " + " ".repeat(9_000) + "y", "1") + model + "--b--\r\n",
                part("name=\"x\"", "1").repeat(1_000) + model + "--b--\r\n",
                "")) {
            Reply reply = sidecar.post(PATH, body, "content-type", "multipart/form-data; boundary=b");
            assertThat(reply.status()).as(body).isEqualTo(400);
            assertThat(reply.json().at("/error/message").asText()).as(body).startsWith("The request");
        }
        for (String type : List.of(
                "multipart/form-data",
                "multipart/form-data; boundary=",
                "multipart/form-data; boundary=\"",
                "multipart/form-data; boundary=b; boundary=c")) {
            Reply reply = sidecar.post(PATH, model + "--b--\r\n", "content-type", type);
            assertThat(reply.status()).as(type).isEqualTo(400);
            assertThat(reply.json().at("/error/message").asText())
                    .isEqualTo("The form's content type must name its boundary.");
        }
    }

    @Test
    void a_form_without_a_model_is_told_the_way_out() {
        Reply reply = sidecar.post(
                PATH,
                part("name=\"file\"; filename=\"x\"", "y") + "--b--\r\n",
                "content-type",
                "multipart/form-data; boundary=b");
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().at("/error/message").asText())
                .isEqualTo("The form must have a field model, or a pool must take its path (pathPrefix).");
        assertThat(reply.json().at("/error/param").asText()).isEqualTo("model");
        for (String model : List.of("", "a\r\nb", "x".repeat(2000))) {
            assertThat(sidecar.post(
                                    PATH,
                                    part("name=\"model\"", model) + "--b--\r\n",
                                    "content-type",
                                    "multipart/form-data; boundary=b")
                            .status())
                    .isEqualTo(400);
        }
    }

    @Test
    void a_form_above_the_limit_passes_where_path_or_header_say_whose_it_is() {
        String body = part("name=\"file\"; filename=\"x\"", "y".repeat(9 << 20)) + part("name=\"model\"", "alias")
                + "--b--\r\n";
        String type = "multipart/form-data; boundary=b";

        assertThat(mesh.call(sidecar.post("/audio/audio/transcriptions", body, "content-type", type))
                        .route()
                        .pool())
                .isEqualTo("path");
        assertThat(first.last().body()).hasSize(body.length());
        assertThat(mesh.call(sidecar.post(PATH, body, "content-type", type, "x-class", "batch"))
                        .route()
                        .pool())
                .isEqualTo("header");

        int before = first.seen().size();
        for (String path : List.of(PATH, "/renamed/audio/transcriptions")) {
            Reply reply = sidecar.post(path, body, "content-type", type);
            assertThat(reply.status()).as(path).isEqualTo(413);
            assertThat(reply.json().at("/error/message").asText())
                    .isEqualTo(
                            "The form is larger than 8388608 bytes; forms of any size pass to a pool that takes their path"
                                    + " (pathPrefix) and renames no model.");
        }
        assertThat(first.seen()).hasSize(before);
    }

    @Test
    void a_pool_of_a_path_renames_too() {
        String type = "multipart/form-data; boundary=b";
        assertThat(sidecar.post(
                                "/renamed/audio/transcriptions",
                                part("name=\"model\"", "anything") + "--b--\r\n",
                                "content-type",
                                type)
                        .status())
                .isEqualTo(200);
        assertThat(first.last().body()).isEqualTo(part("name=\"model\"", "real") + "--b--\r\n");

        int before = first.seen().size();
        Reply reply = sidecar.post("/renamed/audio/transcriptions", part("name=\"model\"", "x"), "content-type", type);
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().at("/error/code").asText()).isEqualTo("model_not_renamed");
        assertThat(first.seen()).hasSize(before);
    }

    private static String part(String disposition, String value) {
        return "--b\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + value + "\r\n";
    }
}
