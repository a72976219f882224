package dev.weir.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class ValidateCommandTest {
    private static final String BAD =
            "apiVersion: weir.dev/v1alpha1\nkind: Mesh\nmetadata: {name: m}\nspec: {tick: 0s}\n";

    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void a_valid_directory_exits_with_0_and_says_what_is_in_it() {
        assertThat(validate("../docs/examples/basic")).isZero();
        assertThat(out).hasToString("valid: mesh example, providers alpha beta, pools chat summarise\n");
    }

    @Test
    void problems_are_one_line_each_and_exit_with_1() throws IOException {
        Files.writeString(directory.resolve("m.yaml"), BAD);
        assertThat(validate(directory.toString())).isEqualTo(1);
        assertThat(out)
                .hasToString("m.yaml:4: Mesh/m: spec.tick: \"0s\" (expected: a duration from 20ms to 10s, for instance"
                        + " 250ms, 5s or 1m)\n1 problem\n");
    }

    @Test
    void json_has_the_same_in_fields() throws IOException {
        Files.writeString(directory.resolve("m.yaml"), BAD);
        assertThat(validate(directory.toString(), "--json")).isEqualTo(1);

        JsonNode report = new ObjectMapper().readTree(out.toString());
        assertThat(report.get("valid").asBoolean()).isFalse();
        JsonNode problem = report.get("problems").get(0);
        assertThat(problem.get("file").asText()).isEqualTo("m.yaml");
        assertThat(problem.get("line").asInt()).isEqualTo(4);
        assertThat(problem.get("object").asText()).isEqualTo("Mesh/m");
        assertThat(problem.get("path").asText()).isEqualTo("spec.tick");
        assertThat(problem.get("value").asText()).isEqualTo("0s");
        assertThat(problem.get("expected").asText()).startsWith("a duration");
    }

    @Test
    void what_is_no_directory_exits_with_2() {
        assertThat(validate(directory.resolve("none").toString())).isEqualTo(2);
        assertThat(err.toString()).contains("expected: a directory that exists");
        assertThat(validate()).isEqualTo(2);
    }

    private int validate(String... arguments) {
        return new CommandLine(new ValidateCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
