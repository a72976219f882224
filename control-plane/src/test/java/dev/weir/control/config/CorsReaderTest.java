package dev.weir.control.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.model.Cors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CorsReaderTest {
    @TempDir
    Path directory;

    private LoadedConfig load(String spec) {
        return new ConfigFiles(directory)
                .write("all.yaml", ConfigFiles.mesh(spec) + ConfigFiles.provider("a") + ConfigFiles.poolOf("p", "a"))
                .load();
    }

    private Cors cors(String written) {
        LoadedConfig loaded = load("{cors: " + written + "}");
        assertThat(loaded.problems()).isEmpty();
        return loaded.config().orElseThrow().mesh().agents().cors().orElseThrow();
    }

    @Test
    void without_it_no_page_is_allowed() {
        assertThat(load("{}").config().orElseThrow().mesh().agents().cors()).isEmpty();
    }

    @Test
    void origins_alone_have_good_defaults() {
        assertThat(cors("{origins: ['http://localhost:*']}"))
                .isEqualTo(new Cors(
                        List.of("http://localhost:*"),
                        List.of("GET", "HEAD", "POST", "DELETE"),
                        List.of("*", "authorization"),
                        Duration.ofMinutes(10)));
    }

    @Test
    void everything_is_read() {
        assertThat(cors("{origins: ['*'], methods: [POST], headers: [x-a, content-type], maxAge: 1h}"))
                .isEqualTo(
                        new Cors(List.of("*"), List.of("POST"), List.of("x-a", "content-type"), Duration.ofHours(1)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "null",
                "https://app.example.com",
                "https://*.example.com",
                "https://app.example.com:8443",
                "http://127.0.0.1:3000",
                "http://[::1]:3000",
                "http://localhost:*",
                "chrome-extension://abcdef",
                "vscode-webview://*",
                "app://obsidian.md"
            })
    void origins_as_browsers_send_them(String origin) {
        assertThat(cors("{origins: ['" + origin + "']}").origins()).containsExactly(origin);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.com",
                "https://example.com/",
                "https://example.com/app",
                "https://Example.com",
                "HTTPS://example.com",
                "https://*.*.com",
                "**",
                "https://example.com:443",
                "http://example.com:80",
                "https://",
                "https://a b",
                "https://user@example.com",
                "https://example.com?x",
                "https://a.test, https://b.test",
                ""
            })
    void what_no_browser_sends_is_refused(String origin) {
        assertThat(load("{cors: {origins: ['https://a.test', '" + origin + "']}}")
                        .problems()
                        .toString())
                .contains("spec.cors.origins[1]", "\"" + origin + "\"", "for instance https://app.example.com");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | spec.cors.origins: missing",
                "{origins: []} | a list of 1 to 64",
                "{origins: '*'} | a list of 1 to 64",
                "{origins: ['*'], methods: [post]} | a method in capitals, for instance POST",
                "{origins: ['*'], headers: [Authorization]} | a header's name in lower case, or *",
                "{origins: ['*'], maxAge: 2d} | a duration from",
                "{origins: ['*'], origin: x} | did you mean origins?",
                "'true' | an object",
            })
    void mistakes_are_named(String written, String said) {
        assertThat(load("{cors: " + written + "}").problems().toString()).contains(said);
    }
}
