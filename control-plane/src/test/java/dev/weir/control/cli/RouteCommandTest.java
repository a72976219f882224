package dev.weir.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Without a control plane; {@code NewcomerIT} asks one. */
final class RouteCommandTest {
    private static final String EXAMPLE = "../docs/examples/basic";

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new RouteCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private void refusesBody(String text, String message) throws IOException {
        Path body = Files.writeString(folder.resolve("body.json"), text);
        assertThat(run("--body", body.toString(), "--config", EXAMPLE)).isEqualTo(2);
        assertThat(err.toString())
                .contains("--body: \"" + body + "\" (expected: a file with a JSON object")
                .contains(message);
    }

    @Test
    void a_configuration_tells_pool_candidates_their_names_for_the_model_and_who_takes_retries_only() {
        assertThat(run("example-chat", "--config", EXAMPLE)).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("A request for example-chat goes to pool chat.")
                .contains("  beta (as example-chat-large)");
        assertThat(run("example-summarise", "--config", EXAMPLE)).isZero();
        assertThat(out.toString()).contains("  alpha: retries only");
    }

    @Test
    void a_body_names_the_model_and_an_unknown_one_is_refused() throws IOException {
        Path body = Files.writeString(folder.resolve("body.json"), "{\"messages\": [], \"model\": \"gone\\u001b[2J\"}");
        assertThat(run("--body", body.toString(), "--config", EXAMPLE)).isEqualTo(1);
        assertThat(out.toString())
                .contains("No pool serves the model gone?[2J: 404 model_not_found.")
                .contains("There are: example-chat, example-summarise.");
        assertThat(run("gone", "--config", EXAMPLE, "--json")).isEqualTo(1);
        assertThat(out.toString()).contains("\"refusal\" : \"404 model_not_found\"");
    }

    @Test
    void bodies_without_a_model_are_refused() throws IOException {
        refusesBody("{}", "that has \"model\", a text)");
        refusesBody("{\"model\": 1}", "that has \"model\", a text)");
        refusesBody("[]", "that has \"model\", a text)");
        refusesBody("{\"model\": ", "that has \"model\", a text; ");
        refusesBody("", "that has \"model\", a text)");
        assertThat(run("--body", "/nowhere")).isEqualTo(2);
    }

    @Test
    void a_configuration_of_which_a_part_is_refused_is_refused_with_what_is_wrong_and_nothing_that_follows_from_it()
            throws IOException {
        Files.writeString(folder.resolve("mesh.yaml"), """
                {apiVersion: weir.dev/v1alpha1, kind: Mesh, metadata: {name: m}}
                ---
                {apiVersion: weir.dev/v1alpha1, kind: Provider, metadata: {name: p}, spec: {endpoint: {host: h, port: 70000}}}
                ---
                apiVersion: weir.dev/v1alpha1
                kind: ProviderPool
                metadata: {name: chat}
                spec: {match: {model: m}, providers: [{provider: p}]}
                """);
        assertThat(run("m", "--config", folder.toString())).isEqualTo(2);
        assertThat(err.toString())
                .contains("\n  mesh.yaml:3: Provider/p: ")
                .contains("70000")
                .doesNotContain("ProviderPool/chat");
    }

    @Test
    void what_is_missing_or_wrong_is_named() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).contains("MODEL").contains("--body");
        assertThat(run("m", "--config", folder.toString())).isEqualTo(2);
        assertThat(err.toString())
                .contains("--config: \"" + folder + "\" (expected: a directory with a valid configuration)")
                .contains("at least one object in *.yaml or *.yml files");
        assertThat(run("m", "--admin", "http://127.0.0.1:1")).isEqualTo(2);
        assertThat(err.toString())
                .contains("--admin: \"http://127.0.0.1:1\" (expected: the admin port of a running control plane: ")
                .contains("; or use --config DIR)");
    }
}
