package dev.weir.control.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The contracts' own build and tests, with the real compiler and forge. */
@Timeout(300)
final class ContractsIT {
    private static final Path SOLIDITY = Path.of("src/main/solidity").toAbsolutePath();
    private static final Path RESOURCES = Path.of("src/main/resources/dev/weir/control/chain");

    @TempDir
    Path folder = Path.of("");

    @Test
    void what_is_committed_is_what_the_source_compiles_to() throws Exception {
        variable("WEIR_SOLC", "a solc 0.8.37 that answers --standard-json");
        String said = run(List.of("node", SOLIDITY.resolve("build.mjs").toString(), folder.toString()));
        try (Stream<Path> built = Files.list(folder)) {
            assertThat(built.map(file -> file.getFileName().toString()).sorted())
                    .as(said)
                    .containsExactly("CapacityRegistry.json", "DevToken.json");
        }
        for (String contract : List.of("CapacityRegistry.json", "DevToken.json")) {
            assertThat(Files.readString(RESOURCES.resolve(contract)))
                    .as("%s: build it again with src/main/solidity/build.mjs", contract)
                    .isEqualTo(Files.readString(folder.resolve(contract)));
        }
    }

    @Test
    void forge_tests_pass() throws Exception {
        String forge = variable("WEIR_FORGE", "path of a forge 1.7.1 binary");
        String solc = variable("WEIR_SOLC", "a solc 0.8.37 that answers --standard-json");
        String said = run(
                List.of(forge, "test", "--root", SOLIDITY.toString(), "--use", solc, "--offline", "--color", "never"));
        assertThat(said).contains(" 0 failed, 0 skipped").containsPattern("[1-9][0-9] tests passed");
    }

    private static String variable(String name, String expected) {
        String value = System.getenv(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalStateException(name + ": not set (expected: " + expected + ")");
        }
        return value;
    }

    private String run(List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("weir-contracts", ".log");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(240, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new IOException(command.get(0) + " does not end: " + Files.readString(output));
            }
            String said = Files.readString(output, StandardCharsets.UTF_8);
            assertThat(process.exitValue()).as(said).isZero();
            return said;
        } finally {
            Files.deleteIfExists(output);
        }
    }
}
