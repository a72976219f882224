package dev.weir.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What {@code weir up} refuses before it starts anything; {@code NewcomerIT} has what it does. */
final class UpCommandTest {
    private static final String MESH = """
            apiVersion: weir.dev/v1alpha1
            kind: Mesh
            metadata: {name: m}
            spec: {}
            """;

    @TempDir
    Path folder;

    @BeforeEach
    void write() throws IOException {
        Files.writeString(folder.resolve("mesh.yaml"), MESH);
    }

    private String refused(String... arguments) {
        StringWriter err = new StringWriter();
        int code = new CommandLine(new UpCommand()).setErr(new PrintWriter(err)).execute(arguments);
        assertThat(code).as(err.toString()).isEqualTo(2);
        return err.toString();
    }

    private String refusedHere(String... arguments) {
        List<String> whole = new ArrayList<>(List.of("--config", folder.toString()));
        whole.addAll(List.of(arguments));
        return refused(whole.toArray(String[]::new));
    }

    @Test
    void a_folder_that_is_not_there_is_refused_and_the_way_to_one_is_named() {
        assertThat(refused()).contains("--config=DIR");
        assertThat(refused("--config", "/nowhere"))
                .contains("--config: \"/nowhere\" (expected: a directory that exists; weir init makes one)");
    }

    @Test
    void problems_of_the_configuration_are_those_of_validate() throws IOException {
        Files.writeString(folder.resolve("mesh.yaml"), MESH.replace("{}", "{tick: 1h}"));
        assertThat(refusedHere()).contains("mesh.yaml:4: Mesh/m: spec.tick: \"1h\"");
    }

    @ParameterizedTest
    @CsvSource({
        "--listen, 10000, '--listen: \"10000\" (expected: HOST:PORT'",
        "--listen, '127.0.0.1:0', '--listen: \"127.0.0.1:0\" (expected: HOST:PORT'",
        "--envoy-admin, 'h:70000', '--envoy-admin: \"h:70000\" (expected: HOST:PORT'",
        "--sidecar, ../up, '--sidecar: \"../up\" (expected: 1-256 printable ASCII characters, without /'",
        "--sidecar, '', '--sidecar: \"\"'",
        "--tls, /nowhere, '--tls: \"/nowhere\" (expected: a folder that weir certs made for consumer-1, with identity.yaml)'",
    })
    void a_bad_value_is_refused_with_what_was_expected(String option, String value, String message) {
        assertThat(refusedHere(option, value)).contains(message);
    }

    @Test
    void a_mesh_with_tls_wants_the_sidecars_certificates_and_says_what_makes_them() throws IOException {
        Path certs = folder.resolve("certs");
        assertThat(new CommandLine(new CertsCommand())
                        .setOut(new PrintWriter(new StringWriter()))
                        .execute(certs.toString(), "--consumer", "other"))
                .isZero();
        Files.writeString(
                folder.resolve("mesh.yaml"),
                MESH.replace(
                        "{}",
                        "{xds: {tls: {certFile: certs/control-plane/tls.crt, keyFile: certs/control-plane/tls.key,"
                                + " clientCaFile: certs/ca.crt}}}"));
        assertThat(refusedHere())
                .contains("--tls: missing, and there is no " + certs.resolve("consumer-1"))
                .contains("weir certs " + certs + " --consumer consumer-1 makes them");
        Files.writeString(folder.resolve("mesh.yaml"), MESH);
        assertThat(refusedHere("--tls", certs.resolve("other").toString()))
                .contains("--tls: not used (expected: a Mesh with spec.xds.tls, or no --tls)");
    }
}
