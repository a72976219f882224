package dev.weir.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class SimulateCommandTest {
    private static final String MESH = """
            name: tried
            seconds: 60
            sidecars: 2
            sizes: {law: lognormal, cv2: 4}
            perTryTimeout: 5
            providers:
              - {name: small, slots: 2, serviceSeconds: 0.1}
              - {name: large, slots: 8, serviceSeconds: 0.1, declared: 70}
            pools:
              - {name: chat, providers: [small, large], rate: 60}
              - {name: code, providers: [large], rate: 5, burst: {sources: 5, onSeconds: 2, duty: 0.2}}
            events:
              - {at: 40, provider: large, speed: 1}
              - {at: 20, provider: large, speed: 0.5}
              - {at: 30, pool: code, rate: 1.5}
            """;

    @TempDir
    Path folder;

    private record Run(int code, String out, String err) {}

    @Test
    void a_mesh_from_a_file_gives_a_row_for_each_policy_as_text_json_markdown_and_nothing_to_plot() throws IOException {
        Path json = folder.resolve("f.json");
        Path markdown = folder.resolve("f.md");
        Run run = run(MESH, "--seeds", "1", "--json", json.toString(), "--markdown", markdown.toString());
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("JSQ, clairvoyant", "ours: governed pick", "WRR, random", "failed calls");
        assertThat(Files.readString(markdown)).contains("| ours: smooth |");
        JsonNode row = new ObjectMapper().readTree(json.toFile()).at("/experiments/0/tables/0/rows/1");
        assertThat(row.get("name").asText()).isEqualTo("ours: governed pick");
        assertThat(row.get("response mean ms").asDouble()).isBetween(100.0, 2000.0);
    }

    @Test
    void the_overview_draws_its_curves() throws IOException {
        Path plots = folder.resolve("plots");
        Run run = execute("--seeds", "1", "--length", "0.05", "--plot", plots.toString());
        assertThat(run.code()).isZero();
        assertThat(Files.readAllBytes(plots.resolve("overview-mean.png"))).startsWith(0x89, 'P', 'N', 'G');
    }

    @Test
    void the_example_in_the_documentation_runs() {
        Run run = execute("--scenario", "../docs/examples/scenario.yaml", "--seeds", "1", "--length", "0.2");
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("ours: smooth");
    }

    @Test
    void the_list_names_every_experiment() {
        assertThat(execute("--list").out())
                .contains("overview", "quality", "stability", "failure", "delay", "pushes", "original", "price");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "slots: 2;slots: 0;providers[0].slots: \"0\" (expected: 1 to 100000)",
                "slots: 2;slots: 2.5;providers[0].slots: \"2.5\" (expected: a whole number)",
                "serviceSeconds: 0.1;serviceSeconds: .nan;providers[0].serviceSeconds: \"NaN\" (expected: ",
                "serviceSeconds: 0.1;serviceSeconds: -1;providers[0].serviceSeconds: \"-1.0\" (expected: ",
                "rate: 60;rate: -1;pools[0].rate: \"-1.0\" (expected: 0 to 1000000 requests per second)",
                "law: lognormal;law: pareto;sizes.law: \"pareto\" (expected: exponential, deterministic or lognormal)",
                "law: lognormal;law: exponential;sizes.cv2: \"4.0\" (expected: nothing beside exponential)",
                "[small, large];[small, lage];pools[0].providers[1]: \"lage\" (expected: one of [small, large])",
                "[small, large];[];pools[0].providers: \"[]\" (expected: at least one)",
                "[small, large];[small, small];pools[0].providers: \"[small, small]\" (expected: each name once)",
                "[small, large];small;pools[0].providers: of another kind (expected: a list)",
                "speed: 0.5;sped: 0.5;events[1].sped: \"sped\" (expected: one of [at, ",
                "speed: 0.5;speed: 0.5, refuses: true;events[1]: \"at 20.0\" (expected: provider with one of speed",
                "name: large;name: small;providers: \"[small, small]\" (expected: each name once)",
                "name: small,;'';providers[0].name: missing",
                "seconds: 60;seconds: 9999999;seconds: \"9999999.0\" (expected: over 0, at most 1000000)",
                "rate: 60;rate: 999999;seconds x rates: ",
                "pool: code, rate: 1.5;pool: code;events[2]",
                "rate: 60;rate: fast;pools[0].rate: \"fast\" (expected: a number)",
                "duty: 0.2;duty: 0;pools[1].burst.duty: \"0.0\" (expected: ",
                "sidecars: 2;sidecars: 0;sidecars: \"0\" (expected: 1 to 4096)",
                "cv2: 4;cv2: 0;sizes.cv2: \"0.0\" (expected: 0.001 to 10000)"
            })
    void a_wrong_mesh_is_refused_with_path_value_and_expectation(String right, String wrong, String message)
            throws IOException {
        Run run = run(MESH.replaceFirst(Pattern.quote(right), wrong));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("mesh.yaml", message);
    }

    @Test
    void no_yaml_no_file_and_no_such_experiment_are_one_line_each() throws IOException {
        assertThat(run("providers: [").err()).contains("mesh.yaml: line 1: ", "(expected: YAML)");
        assertThat(run("providers: []").err()).contains("mesh.yaml: pools: missing");
        assertThat(run("").err()).contains("mesh.yaml: providers: ");
        assertThat(run("a: &a [x, x]\nb: [" + "*a, ".repeat(60) + "*a]").err())
                .contains("mesh.yaml: ", "expected: YAML");
        assertThat(run("# " + "x".repeat(1 << 20)).err()).contains("bytes (expected: at most 1 MiB)");
        assertThat(execute("--from-ledger", "nowhere.db").err()).contains("expected: a control plane's database");
        assertThat(execute("--save-scenario", "x.yaml").err()).contains("expected: --from-ledger beside it");
        assertThat(execute("--scenario", "nowhere.yaml").err()).contains("a file that exists");
        assertThat(execute("qualty").err()).contains("NAME: \"qualty\" (expected: one that --list names)");
        assertThat(execute("--seeds", "-1").code()).isEqualTo(2);
    }

    private Run run(String yaml, String... options) throws IOException {
        Path file = folder.resolve("mesh.yaml");
        Files.writeString(file, yaml);
        List<String> arguments = new ArrayList<>(List.of("--scenario", file.toString()));
        arguments.addAll(List.of(options));
        return execute(arguments.toArray(String[]::new));
    }

    private static Run execute(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = new CommandLine(new SimulateCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err));
        int code = line.execute(arguments);
        return new Run(code, out.toString(), err.toString());
    }
}
