package dev.weir.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.certs.Authority;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class CollectCommandTest {
    @TempDir
    Path folder;

    private String refused(String... arguments) {
        StringWriter err = new StringWriter();
        int code = new CommandLine(new CollectCommand())
                .setErr(new PrintWriter(err))
                .execute(arguments);
        assertThat(code).isEqualTo(2);
        return err.toString();
    }

    @Test
    void what_is_missing_is_named() {
        assertThat(refused()).contains("--sidecar=NODE").contains("--log=FILE").contains("--control-plane=HOST:PORT");
    }

    @ParameterizedTest
    @CsvSource({
        "--sidecar, '', '--sidecar: \"\" (expected: 1-256 printable ASCII characters)'",
        "--sidecar, a b, '--sidecar: \"a b\"'",
        "--log, /none/access.log, '--log: \"/none/access.log\": no such folder (expected: a file in an existing one)'",
        "--log, /, '--log'",
        "--log, /dev/null, '--log: \"/dev/null\" is no regular file'",
        "--control-plane, here, '--control-plane: \"here\" (expected: HOST:PORT'",
        "--envoy-admin, 'h:0', '--envoy-admin: \"h:0\" (expected: HOST:PORT'",
        "--max-bytes, 10, '--max-bytes: 10 (expected: 65536 or more)'",
        "--max-bytes, many, 'many'"
    })
    void a_bad_value_is_refused_with_what_was_expected(String option, String value, String message) {
        List<String> arguments = new ArrayList<>();
        for (String[] pair : new String[][] {
            {"--sidecar", "s"}, {"--log", folder.resolve("access.log").toString()}, {"--control-plane", "127.0.0.1:1"}
        }) {
            if (!pair[0].equals(option)) {
                arguments.addAll(List.of(pair));
            }
        }
        arguments.add(option);
        arguments.add(value);
        assertThat(refused(arguments.toArray(String[]::new))).contains(message);
    }

    @Test
    void a_token_goes_to_nobody_who_did_not_prove_to_be_the_control_plane() throws IOException {
        String[] usual = {
            "--sidecar", "s", "--log", folder.resolve("access.log").toString(), "--control-plane", "127.0.0.1:1"
        };
        Path token = Files.writeString(folder.resolve("token"), "0123456789abcdef\n");
        Path bad = Files.writeString(folder.resolve("bad"), "short-secret");
        Path ca = Files.writeString(
                folder.resolve("ca.crt"),
                Authority.create("test", Instant.now()).certificate());
        assertThat(refused(with(usual, "--token-file", token)))
                .contains("--ca: missing", "nobody else may read the token");
        assertThat(refused(with(usual, "--ca", ca))).contains("--token-file: missing");
        assertThat(refused(with(usual, "--token-file", bad, "--ca", ca)))
                .contains("16 to 4096 visible ASCII characters")
                .doesNotContain("short-secret");
        assertThat(refused(with(usual, "--token-file", token, "--ca", token)))
                .contains("authorities: cannot be read as PEM certificates");
        assertThat(refused(with(usual, "--token-file", token, "--ca", ca, "--tls", folder)))
                .contains("either it, or --token-file and --ca");
    }

    private static String[] with(String[] usual, Object... more) {
        List<String> all = new ArrayList<>(List.of(usual));
        for (Object each : more) {
            all.add(each.toString());
        }
        return all.toArray(String[]::new);
    }
}
