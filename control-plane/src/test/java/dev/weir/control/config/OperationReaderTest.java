package dev.weir.control.config;

import static dev.weir.control.config.ConfigFiles.MESH;
import static dev.weir.control.config.ConfigFiles.pool;
import static dev.weir.control.config.ConfigFiles.provider;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.model.Pool.Operation;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The operations that a pool lists. */
final class OperationReaderTest {
    @TempDir
    Path directory;

    @Test
    void they_are_read_as_written() {
        LoadedConfig loaded = load(
                "{model: m}",
                "[POST /v1/files, 'GET /v1/files/*/content', DELETE /v1/files/*, POST /**, GET /a-b_c.d~e:f@g/**]");

        assertThat(loaded.problems()).isEmpty();
        assertThat(requireNonNull(loaded.config().orElseThrow().pools().get("q"))
                        .operations())
                .containsExactly(
                        new Operation("POST", "/v1/files"),
                        new Operation("GET", "/v1/files/*/content"),
                        new Operation("DELETE", "/v1/files/*"),
                        new Operation("POST", "/**"),
                        new Operation("GET", "/a-b_c.d~e:f@g/**"));
        assertThat(requireNonNull(load("{model: m}", null)
                                .config()
                                .orElseThrow()
                                .pools()
                                .get("q"))
                        .operations())
                .isEqualTo(List.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/files",
                "post /v1/files",
                "OPTIONS /v1/files",
                "POST  /v1/files",
                "POST v1/files",
                "POST /",
                "POST /v1/files/",
                "POST //v1",
                "POST /v1/../x",
                "POST /v1/./x",
                "POST /v1/..",
                "POST /v1/x;y",
                "POST /v1/%2e%2e",
                "POST /v1/x?y=1",
                "POST /v1/**/x",
                "POST /v1/a*",
                "POST /v1/{id}",
                "POST /v1/é",
                "POST /a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a",
            })
    void what_could_mean_something_else_is_refused(String operation) {
        assertThat(load("{model: m}", "['" + operation + "']").problems())
                .singleElement()
                .asString()
                .contains("spec.operations[0]: \"" + operation + "\"")
                .contains("(expected: METHOD /path, for instance POST /v1/files");
    }

    @Test
    void so_are_lists_that_say_nothing_or_too_much() {
        assertThat(load("{model: m}", "[]").problems())
                .singleElement()
                .asString()
                .contains("a list of 1 to 64");
        assertThat(load("{model: m}", "POST /v1/files").problems())
                .singleElement()
                .asString()
                .contains("a list of 1 to 64");
        assertThat(load("{model: m}", "[7]").problems())
                .singleElement()
                .asString()
                .contains("METHOD /path");
        assertThat(load("{model: m}", "[POST /x, POST /x]").problems())
                .singleElement()
                .asString()
                .contains("each operation once");
        assertThat(load("{pathPrefix: /v1/files}", "[POST /v1/filesystem, GET /v1/files, GET /v1/files/*]")
                        .problems())
                .singleElement()
                .asString()
                .contains("\"POST /v1/filesystem\" (expected: a path behind pathPrefix /v1/files)");
        assertThat(load("{pathPrefix: /}", "[POST /x/*]").problems()).isEmpty();
    }

    private LoadedConfig load(String match, @org.jspecify.annotations.Nullable String operations) {
        return new ConfigFiles(directory)
                .write(
                        "all.yaml",
                        MESH
                                + provider("a")
                                + pool(
                                        "q",
                                        "{match: " + match + ", providers: [{provider: a}]"
                                                + (operations == null ? "" : ", operations: " + operations) + "}"))
                .load();
    }
}
