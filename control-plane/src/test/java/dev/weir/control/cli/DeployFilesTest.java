package dev.weir.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import picocli.CommandLine;

/** Files for containers and systemd, and commands in the documentation: what they call there is. */
final class DeployFilesTest {
    private static final Path ROOT = Path.of("..");
    private static final Path DEPLOY = ROOT.resolve("deploy");
    private static final Pattern ENVOY_VERSION = Pattern.compile("ENVOY_VERSION=([0-9.]+)");
    /** What the launcher does without the application. */
    private static final List<String> LAUNCHER_ONLY = List.of("test", "bench");

    private static String text(Path file) throws IOException {
        return Files.readString(file);
    }

    private static List<Path> units() throws IOException {
        try (Stream<Path> files = Files.list(DEPLOY.resolve("systemd"))) {
            return files.sorted().toList();
        }
    }

    private static List<String> values(String unit, String key) {
        return unit.lines()
                .filter(line -> line.startsWith(key + "="))
                .map(line -> line.substring(key.length() + 1))
                .toList();
    }

    private static void parses(String where, List<String> arguments) {
        assertThatCode(() -> new CommandLine(Main.class).parseArgs(arguments.toArray(String[]::new)))
                .as(where + ": weir " + String.join(" ", arguments))
                .doesNotThrowAnyException();
    }

    @Test
    void there_is_a_unit_for_each_part() throws IOException {
        assertThat(units().stream().map(unit -> unit.getFileName().toString()))
                .containsExactly("weir-collect@.service", "weir-sidecar@.service", "weir.service");
    }

    @ParameterizedTest
    @MethodSource("units")
    void a_unit_calls_what_there_is_comes_back_always_and_an_end_that_was_asked_for_is_no_failure(Path file)
            throws IOException {
        String unit = text(file);
        List<String> command = List.of(values(unit, "ExecStart").get(0).split(" ", -1));
        assertThat(command.get(0)).isEqualTo("/opt/weir/weir");
        parses(file.toString(), command.subList(1, command.size()));
        assertThat(values(unit, "Restart")).containsExactly("always");
        assertThat(values(unit, "StartLimitIntervalSec")).containsExactly("0");
        assertThat(values(unit, "SuccessExitStatus"))
                .as("of a JVM that SIGTERM ended")
                .containsExactly("143");
        assertThat(values(unit, "Environment")).contains("WEIR_JAR=/opt/weir/weir.jar");
        assertThat(values(unit, "User")).hasSize(1);
        assertThat(unit.lines().filter(line -> !line.isBlank()))
                .allMatch(line -> line.matches("#.*|\\[(Unit|Service|Install)]|[A-Z][A-Za-z]+=.+"));
    }

    @Test
    void sidecar_and_collector_of_a_node_agree_on_its_log() throws IOException {
        String sidecar = text(DEPLOY.resolve("systemd/weir-sidecar@.service"));
        String collector = text(DEPLOY.resolve("systemd/weir-collect@.service"));
        Matcher data = Pattern.compile("--data (\\S+)").matcher(sidecar);
        assertThat(data.find()).isTrue();
        assertThat(collector).contains("--log " + data.group(1) + "/access.log");
        assertThat("/var/lib/" + values(sidecar, "StateDirectory").get(0)).isEqualTo(data.group(1));
        assertThat(values(collector, "User")).isEqualTo(values(sidecar, "User"));
    }

    @Test
    void the_image_has_the_launcher_what_it_copies_is_there_and_envoy_is_the_pinned_one() throws IOException {
        String image = text(DEPLOY.resolve("Containerfile"));
        Matcher pinned = ENVOY_VERSION.matcher(text(ROOT.resolve("weir")));
        assertThat(pinned.find()).isTrue();
        assertThat(image).contains("envoyproxy/envoy:v" + pinned.group(1) + " ");
        assertThat(image.lines().filter(line -> line.startsWith("COPY ") && !line.contains("--from=")))
                .isNotEmpty()
                .allSatisfy(line -> {
                    List<String> words = Arrays.asList(line.split(" +", -1));
                    assertThat(words.subList(1, words.size() - 1))
                            .allSatisfy(
                                    source -> assertThat(ROOT.resolve(source)).exists());
                });
        assertThat(image)
                .contains("WEIR_JAR=/opt/weir/weir.jar")
                .contains("WEIR_ENVOY=/usr/local/bin/envoy")
                .containsPattern("(?m)^USER [a-z]+$")
                .contains("ENTRYPOINT [\"/opt/weir/weir\"]");
        Matcher command = Pattern.compile("(?m)^CMD \\[(.*)]$").matcher(image);
        assertThat(command.find()).isTrue();
        parses("Containerfile", List.of(command.group(1).replace("\"", "").split(", ")));
    }

    @Test
    void the_compose_file_runs_three_parts_of_one_image_in_one_network() throws IOException {
        Object yaml = new Yaml(new SafeConstructor(new LoaderOptions())).load(text(DEPLOY.resolve("compose.yaml")));
        JsonNode services = new ObjectMapper().valueToTree(yaml).path("services");
        assertThat(services.fieldNames()).toIterable().containsExactly("control-plane", "sidecar", "collector");
        services.forEach(service -> {
            List<String> command = new ArrayList<>();
            service.path("command").forEach(word -> command.add(word.asText()));
            parses("compose.yaml", command);
            assertThat(service.path("restart").asText()).isEqualTo("always");
            assertThat(service.path("image").asText()).isEqualTo("weir");
        });
        JsonNode build = services.path("control-plane").path("build");
        assertThat(DEPLOY.resolve(build.path("context").asText())
                        .resolve(build.path("dockerfile").asText()))
                .isRegularFile();
        assertThat(List.of("sidecar", "collector"))
                .allMatch(name ->
                        services.path(name).path("network_mode").asText().equals("service:control-plane"));
        assertThat(services.path("control-plane").path("ports"))
                .as("nobody else's machine reaches a port")
                .isNotEmpty()
                .allMatch(port -> port.asText().startsWith("127.0.0.1:"));
    }

    private static Stream<String> documented() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String file : List.of("README.md", "docs/operations.md", "docs/simulation.md", "deploy/README.md")) {
            boolean code = false;
            for (String line : Files.readAllLines(ROOT.resolve(file))) {
                code ^= line.startsWith("```");
                if (code && line.startsWith("./weir ")) {
                    lines.add(line.substring("./weir ".length())
                            .replaceAll(" +[#>|&].*", "")
                            .strip());
                }
            }
        }
        return lines.stream().filter(line -> !LAUNCHER_ONLY.contains(line.split(" ", -1)[0]));
    }

    @ParameterizedTest
    @MethodSource("documented")
    void what_the_documentation_tells_people_to_type_is_understood(String line) {
        parses("documentation", List.of(line.split(" +", -1)));
    }
}
