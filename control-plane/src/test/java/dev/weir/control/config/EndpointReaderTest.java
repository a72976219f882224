package dev.weir.control.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.model.Provider.Endpoint;
import dev.weir.control.model.Provider.Tls;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EndpointReaderTest {
    private static final String SECRET = "sk-Zq9-do-not-show";

    @TempDir
    Path directory;

    private LoadedConfig load(String endpoint) {
        return new ConfigFiles(directory)
                .write(
                        "all.yaml",
                        ConfigFiles.MESH
                                + ConfigFiles.provider("a", "{endpoint: " + endpoint + "}")
                                + ConfigFiles.poolOf("p", "a"))
                .load();
    }

    /** What is said of the provider; its pool misses it then. */
    private List<String> problems(String endpoint) {
        return load(endpoint).problems().stream()
                .map(ConfigProblem::toString)
                .filter(problem -> problem.contains("Provider/a: "))
                .toList();
    }

    private Endpoint endpoint(String written) {
        LoadedConfig loaded = load(written);
        assertThat(loaded.problems()).isEmpty();
        return requireNonNull(loaded.config().orElseThrow().providers().get("a"))
                .endpoint();
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.example.com/openai/v1, api.example.com, 443, true, /openai/v1",
        "https://api.example.com/openai/v1/, api.example.com, 443, true, /openai/v1",
        "https://API.example.com:8443/v1, api.example.com, 8443, true, /v1",
        "HTTP://127.0.0.1/api, 127.0.0.1, 80, false, /api",
        "http://[2001:DB8::1]:9000/v1, 2001:db8::1, 9000, false, /v1",
        "https://x.openai.azure.com/openai/deployments/gpt-4.1_mini, x.openai.azure.com, 443, true, /openai/deployments/gpt-4.1_mini",
        "https://h/v1/projects/p/locations/l/endpoints/openapi, h, 443, true, /v1/projects/p/locations/l/endpoints/openapi",
        "https://h, h, 443, true, ''",
        "https://h/, h, 443, true, ''",
        "https://h/.well/..x, h, 443, true, /.well/..x",
    })
    void a_url_says_host_port_tls_and_base_path(String url, String host, int port, boolean tls, String base) {
        assertThat(endpoint("{url: '" + url + "'}"))
                .isEqualTo(new Endpoint(
                        host,
                        port,
                        tls ? Optional.of(new Tls(host, Optional.empty())) : Optional.empty(),
                        Optional.of(base),
                        Map.of()));
    }

    @Test
    void the_rest_of_tls_and_a_query_go_with_either_form() {
        assertThat(endpoint(
                        "{url: 'https://h/v1', tls: {serverName: x}, query: {api-version: '2024-10-21', empty: ''}}"))
                .isEqualTo(new Endpoint(
                        "h",
                        443,
                        Optional.of(new Tls("x", Optional.empty())),
                        Optional.of("/v1"),
                        Map.of("api-version", "2024-10-21", "empty", "")));
        assertThat(endpoint("{host: h, port: 1, query: {$filter: 'a & ü'}}"))
                .isEqualTo(new Endpoint("h", 1, Optional.empty(), Optional.empty(), Map.of("$filter", "a & ü")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // scheme, host, port
                "h/v1 | a URL with https:// or http://, such as https://api.example.com/v1",
                "//h/v1 | a URL with https:// or http://",
                "ftp://h/v1 | a URL with https:// or http://",
                "unix:///run/x | a URL with https:// or http://",
                "https:/h/v1 | a URL with https:// or http://",
                "`` | a URL with https:// or http://",
                "https:///v1 | whose host is a DNS name or an IP address",
                "https://a_b..c/v1 | whose host is a DNS name or an IP address",
                "https://256.1.1.1/v1 | whose host is a DNS name or an IP address",
                "https://[h]/v1 | whose host is a DNS name or an IP address",
                "https://h:/v1 | whose port is a number",
                "https://h:x/v1 | whose port is a number",
                "https://h:-1/v1 | whose port is a number",
                "https://h:0/v1 | a URL with a port from 1 to 65535",
                "https://h:65536/v1 | a URL with a port from 1 to 65535",
                "https://h:99999999999/v1 | whose port is a number",
                // what a base path cannot have
                "https://h/a/../v1 | no .. or //",
                "https://h/.. | no .. or //",
                "https://h/./v1 | no .. or //",
                "https://h//v1 | no .. or //",
                "https://h/v1// | no .. or //",
                "https://h/a%2fv1 | nor other characters",
                "https://h/a%2e%2e/v1 | nor other characters",
                "https://h/a;x/v1 | nor other characters",
                "https://h/a\\v1 | nor other characters",
                "https://h/{tenant}/v1 | nor other characters",
                "https://h/v1?a=b | a URL without a query; what every request is to have is endpoint.query",
                "https://h?a=b | a URL without a query",
                "https://h/v1#x | a URL without a fragment",
                "https://user:sk-Zq9-do-not-show@h/v1 | a URL without user and password; a provider's key is spec.credentials",
                "https://user:sk-Zq9-do/not-show@h/v1 | a URL without user and password",
                "https://h/v1?key=sk-Zq9-do-not-show | a URL without a query",
                "https://h/a b | a URL of visible ASCII characters",
                "https://h/ü | a URL of visible ASCII characters",
                "https://h/v1/chat/completions | the URL that an API's operations begin with, here https://h/v1",
                "https://h:8443/openai/v1/responses | here https://h:8443/openai/v1",
            })
    void a_url_that_will_not_do_is_refused_with_what_would(String url, String said) {
        assertThat(problems("{url: '" + url + "'}"))
                .singleElement()
                .asString()
                .contains("spec.endpoint.url: \"", said)
                .doesNotContain("not-show");
    }

    @Test
    void control_characters_and_length_are_bounded() {
        assertThat(problems("{url: \"https://h/v1\\u0007\"}"))
                .singleElement()
                .asString()
                .contains("spec.endpoint.url: \"https://h/v1\\u0007\"", "visible ASCII");
        assertThat(problems("{url: \"https://h/v1\\r\\nx: y\"}"))
                .singleElement()
                .asString()
                .contains("visible ASCII")
                .doesNotContain("\n");
        assertThat(problems("{url: 'https://h/" + "v".repeat(10_240) + "'}"))
                .singleElement()
                .asString()
                .contains("a URL of at most 1024 characters")
                .hasSizeLessThan(400);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{url: 'https://h/v1', host: h} | spec.endpoint.url: \"https://h/v1\" (expected: either url, or host and port)",
                "{url: 'https://h/v1', port: 443} | either url, or host and port",
                "{url: 'https://h/v1', host: h, port: 443} | either url, or host and port",
                "{url: 'http://h/v1', tls: {}} | spec.endpoint.tls: \"{...}\" (expected: nothing, because the url begins with http://)",
                "{url: 80} | spec.endpoint.url: \"80\" (expected: text",
                "{ur: 'https://h/v1', host: h, port: 1} | did you mean url?",
                "{url: 'https://h/v1', querry: {a: b}} | did you mean query?",
                "{host: h, port: 1, query: {a: 2024-10-21}} | spec.endpoint.query.a: \"2024-10-21\" (expected: text",
                "{host: h, port: 1, query: {a: yes}} | spec.endpoint.query.a",
                "{host: h, port: 1, query: {a: [b]}} | spec.endpoint.query.a",
                "{host: h, port: 1, query: {a: \"b\\nc\"}} | printable characters",
                "{host: h, port: 1, query: {a&b: c}} | spec.endpoint.query.a&b: \"a&b\" (expected: a parameter's name",
                "{host: h, port: 1, query: {a: b, a: c}} | each field once",
                "{host: h, port: 1, query: a=b} | spec.endpoint.query: \"a=b\" (expected: an object)",
            })
    void the_fields_beside_it_are_checked(String written, String said) {
        assertThat(problems(written)).singleElement().asString().contains(said);
    }

    @Test
    void a_query_is_bounded() {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 17; i++) {
            many.append('p').append(i).append(": x, ");
        }
        assertThat(problems("{host: h, port: 1, query: {" + many + "}}"))
                .singleElement()
                .asString()
                .contains("at most 16 parameters");
        assertThat(problems("{host: h, port: 1, query: {a: " + "x".repeat(257) + "}}"))
                .singleElement()
                .asString()
                .contains("at most 256 printable characters");
        assertThat(problems("{host: h, port: 1, query: {" + "n".repeat(65) + ": x}}"))
                .singleElement()
                .asString()
                .contains("1 to 64");
    }

    @Test
    void what_may_be_a_secret_is_not_shown() {
        for (String url : new String[] {
            "https://u:" + SECRET + "@h/v1",
            "https://h/v1?key=" + SECRET,
            "https://h/v1#" + SECRET,
            "//" + SECRET + "@h"
        }) {
            assertThat(load("{url: '" + url + "'}").problems().toString()).doesNotContain(SECRET);
            assertThat(load("{url: '" + url + "', host: h}").problems().toString())
                    .doesNotContain(SECRET);
            assertThat(load("{host: '" + url + "', port: 1}").problems().toString())
                    .doesNotContain(SECRET);
        }
    }
}
