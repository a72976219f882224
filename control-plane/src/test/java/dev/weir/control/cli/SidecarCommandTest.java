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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class SidecarCommandTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... options) {
        List<String> whole =
                new ArrayList<>(List.of("--data", folder.resolve("a/b").toString()));
        whole.addAll(List.of(options));
        return new CommandLine(new SidecarCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(whole.toArray(String[]::new));
    }

    private JsonNode bootstrap() throws IOException {
        return new ObjectMapper().readTree(Files.readString(folder.resolve("a/b/bootstrap.json")));
    }

    @Test
    void the_bootstrap_says_what_the_options_say() throws IOException {
        int code = run(
                "--control-plane",
                "10.0.0.7:18100",
                "--sidecar",
                "agent-7",
                "--listen",
                "0.0.0.0:10007",
                "--envoy-admin",
                "127.0.0.1:9907");
        // where there is no Envoy the bootstrap is there all the same, and that is what this test reads
        assertThat(code == 0 || err.toString().startsWith("WEIR_ENVOY: "))
                .as(err.toString())
                .isTrue();
        JsonNode bootstrap = bootstrap();
        assertThat(bootstrap.at("/node/id").asText()).isEqualTo("agent-7");
        assertThat(bootstrap.at("/node/metadata/weir/listen_address").asText()).isEqualTo("0.0.0.0");
        assertThat(bootstrap.at("/node/metadata/weir/listen_port").asInt()).isEqualTo(10_007);
        assertThat(bootstrap.at("/node/metadata/weir/access_log").asText())
                .isEqualTo(folder.resolve("a/b/access.log").toString());
        assertThat(bootstrap.at("/admin/address/socket_address/port_value").asInt())
                .isEqualTo(9907);
        assertThat(bootstrap.at("/static_resources/clusters"))
                .hasSizeGreaterThanOrEqualTo(3)
                .as("all of them, check too")
                .allSatisfy(cluster -> {
                    JsonNode at =
                            cluster.at("/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address");
                    assertThat(at.path("address").asText()).isEqualTo("10.0.0.7");
                    assertThat(at.path("port_value").asInt()).isEqualTo(18_100);
                    assertThat(cluster.has("transport_socket")).isFalse();
                });
    }

    @Test
    void with_certificates_every_connection_to_the_control_plane_shows_them() throws IOException {
        Path certs = folder.resolve("certs");
        assertThat(new CommandLine(new CertsCommand())
                        .setOut(new PrintWriter(out))
                        .execute(certs.toString(), "--consumer", "agent-7"))
                .isZero();
        int code = run(
                "--control-plane",
                "weir.internal:18000",
                "--tls",
                certs.resolve("agent-7").toString());
        assertThat(code == 0 || err.toString().startsWith("WEIR_ENVOY: "))
                .as(err.toString())
                .isTrue();
        assertThat(bootstrap().at("/static_resources/clusters"))
                .allSatisfy(
                        cluster -> assertThat(cluster.path("transport_socket").toString())
                                .contains(certs.resolve("agent-7")
                                        .resolve("identity.yaml")
                                        .toString()));
    }

    @ParameterizedTest
    @CsvSource({
        "--control-plane, here, '--control-plane: \"here\" (expected: HOST:PORT'",
        "--sidecar, a/b, '--sidecar: \"a/b\" (expected: '",
        "--listen, 1, '--listen: \"1\" (expected: HOST:PORT'",
        "--tls, /nowhere, '--tls: \"/nowhere\" (expected: a folder that weir certs made for consumer-1'",
        "--data, /dev/null/x, '--data: \"/dev/null/x\" (expected: a folder that can be written'",
    })
    void a_bad_value_is_refused_with_what_was_expected(String option, String value, String message) {
        List<String> options = new ArrayList<>(List.of(option, value));
        if (!option.equals("--control-plane")) {
            options.addAll(List.of("--control-plane", "127.0.0.1:18000"));
        }
        StringWriter refused = new StringWriter();
        if (!option.equals("--data")) {
            options.addAll(List.of("--data", folder.toString()));
        }
        assertThat(new CommandLine(new SidecarCommand())
                        .setErr(new PrintWriter(refused))
                        .execute(options.toArray(String[]::new)))
                .isEqualTo(2);
        assertThat(refused.toString()).contains(message);
    }
}
