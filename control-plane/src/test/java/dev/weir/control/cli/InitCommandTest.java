package dev.weir.control.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.config.ConfigLoader;
import dev.weir.control.config.DirectorySource;
import dev.weir.control.config.LoadedConfig;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Provider;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class InitCommandTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(InitCommand command, String... options) {
        List<String> whole = new ArrayList<>(List.of(folder.resolve("mesh").toString()));
        whole.addAll(List.of(options));
        return new CommandLine(command)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(whole.toArray(String[]::new));
    }

    private static InitCommand answering(String... answers) {
        return new InitCommand(new BufferedReader(new StringReader(String.join("\n", answers) + "\n")));
    }

    private static InitCommand mute() {
        return new InitCommand();
    }

    /** As {@code weir validate} would read it, with every variable set. */
    private LoadedConfig loaded() {
        LoadedConfig loaded = new ConfigLoader(
                        new DirectorySource(folder.resolve("mesh"), name -> Optional.of("key of " + name)))
                .load();
        assertThat(loaded.problems()).isEmpty();
        return loaded;
    }

    private List<String> refused(String... options) throws IOException {
        assertThat(run(mute(), options)).as(err.toString()).isEqualTo(2);
        assertThat(folder.resolve("mesh")).doesNotExist();
        return err.toString().lines().toList();
    }

    @Test
    void what_it_writes_is_valid_and_says_what_was_asked_for() throws IOException {
        assertThat(run(
                        mute(),
                        "--provider",
                        "openai=https://api.openai.com/v1",
                        "--key-env=OPENAI_API_KEY",
                        "--provider=local=http://[::1]:8080/v1/",
                        "--model",
                        "gpt-4o-mini",
                        "--model",
                        "meta/llama-3.1: \"8b\" # x",
                        "--model",
                        "claude-*",
                        "--model",
                        "gpt-4o-mini",
                        "--xds-port",
                        "18010"))
                .as(err.toString())
                .isZero();

        var config = loaded().config().orElseThrow();
        assertThat(config.mesh().sidecars().listen().getPort()).isEqualTo(18_010);
        assertThat(config.providers().keySet()).containsExactly("local", "openai");
        Provider openai = requireNonNull(config.providers().get("openai"));
        assertThat(openai.endpoint().host()).isEqualTo("api.openai.com");
        assertThat(openai.endpoint().port()).isEqualTo(443);
        assertThat(openai.endpoint().tls()).isPresent();
        assertThat(openai.credentials().orElseThrow().value()).isEqualTo("Bearer key of OPENAI_API_KEY");
        assertThat(openai.declared()).as("learnt").isEmpty();
        Provider local = requireNonNull(config.providers().get("local"));
        assertThat(local.endpoint().host()).isEqualTo("::1");
        assertThat(local.endpoint().port()).isEqualTo(8080);
        assertThat(local.endpoint().tls()).isEmpty();
        assertThat(local.credentials()).isEmpty();
        Pool pool = requireNonNull(config.pools().get("pool"));
        assertThat(((Pool.Match.Model) pool.match()).names())
                .containsExactly("gpt-4o-mini", "meta/llama-3.1: \"8b\" # x", "claude-*");
        assertThat(pool.members().stream().map(Pool.Member::provider)).containsExactly("openai", "local");
        assertThat(out.toString())
                .contains("export OPENAI_API_KEY=...")
                .contains("./weir up --config " + folder.resolve("mesh"))
                .contains("model \"gpt-4o-mini\"")
                .doesNotContain("mind:");
        assertThat(openai.endpoint().base()).hasValue("/v1");
    }

    @Test
    void without_the_variable_the_configuration_names_it_and_never_a_key() throws IOException {
        assertThat(run(mute(), "--provider", "far=http://far.example/v1", "--key-env", "FAR_KEY", "--model", "m"))
                .isZero();
        LoadedConfig loaded =
                new ConfigLoader(new DirectorySource(folder.resolve("mesh"), name -> Optional.empty())).load();
        assertThat(loaded.problems())
                .anyMatch(problem -> problem.toString().contains("environment variable FAR_KEY to be set"));
        assertThat(out.toString()).contains("mind: the key of far goes to far.example in plain text");
    }

    @ParameterizedTest
    @CsvSource({
        "openai, '--provider: \"openai\" (expected: NAME=URL'",
        "'Open AI=http://h/v1', '--provider: \"Open AI\" (expected: a name of at most 63 lower-case letters'",
        "'=http://h/v1', '--provider: \"\" (expected: a name'",
        "a=h:8080, '--provider: \"h:8080\" (expected: a URL with https:// or http://'",
        "a=ftp://h/v1, '--provider: \"ftp://h/v1\" (expected: a URL with https:// or http://'",
        "'a=http://h h/v1', '(expected: a URL of visible ASCII'",
        "a=http://h:0/v1, '(expected: a URL with a port from 1 to 65535)'",
        "a=http://h:70000/v1, '(expected: a URL with a port from 1 to 65535)'",
        "a=http://me:secret@h/v1, '--provider: \"http://***@h/v1\" (expected: a URL without user and password'",
        "'a=http://h/v1?key=secret', '--provider: \"http://h/v1?***\" (expected: a URL without a query'",
        "a=http://h/v1/chat/completions, '(expected: the URL that an API''s operations begin with, here http://h/v1)'",
        "a=http://-h/v1, '(expected: a URL whose host is'",
        "a=http:///v1, '(expected: a URL whose host is'",
    })
    void a_bad_provider_is_refused_and_no_password_shown(String provider, String message) throws IOException {
        assertThat(refused("--provider", provider, "--model", "m").get(0))
                .contains(message)
                .doesNotContain("secret");
    }

    @ParameterizedTest
    @CsvSource({
        "--key-env, sk-verysecret, '--key-env: *** (expected: the name of an environment variable'",
        "--key-env, '', '--key-env: *** (expected'",
        "--model, '', '--model: \"\" (expected: a model'",
        "--model, ' m', '--model: \" m\" (expected: a model'",
        "--model, a*b, '--model: \"a*b\" (expected: a model'",
        "--model, '*', '--model: \"*\" (expected: a model'",
        "--xds-port, 0, '--xds-port: 0 (expected: 1-65535)'",
        "--xds-port, 18001, '--admin-port: 18001 (expected: another one than --xds-port)'",
        "--admin-port, many, 'many'",
        "--provider, a=http://h/v1, '--provider: \"a\" (expected: each name once)'",
    })
    void a_bad_value_is_refused_with_what_was_expected(String option, String value, String message) throws IOException {
        assertThat(refused("--model", "m", "--provider", "a=http://h/v1", option, value)
                        .get(0))
                .contains(message)
                .doesNotContain("verysecret");
    }

    @Test
    void a_key_belongs_to_the_provider_before_it() throws IOException {
        assertThat(refused("--key-env", "A", "--provider", "a=http://h", "--model", "m")
                        .get(0))
                .isEqualTo("--key-env: it has no --provider before it (expected: --provider NAME=URL --key-env VAR)");
        assertThat(refused("--provider", "a=http://h", "--key-env", "A", "--key-env", "B", "--model", "m"))
                .contains("--key-env: twice after --provider a (expected: once at most)");
    }

    @Test
    void without_a_terminal_it_says_which_options_are_missing() throws IOException {
        assertThat(refused().get(0))
                .isEqualTo(
                        "--provider: missing, and there is no terminal to ask at (expected: --provider NAME=URL, with"
                                + " --key-env VAR where it wants a key, and --model MODEL)");
        assertThat(refused("--provider", "a=http://h")).anyMatch(line -> line.startsWith("--model: missing, and"));
        assertThat(refused("--provider")).anyMatch(line -> line.startsWith("--provider: missing (expected: NAME=URL)"));
    }

    @Test
    void nothing_is_overwritten() throws IOException {
        Path own = Files.writeString(
                Files.createDirectories(folder.resolve("mesh")).resolve("mine"), "mine");
        assertThat(run(mute(), "--provider", "a=http://h", "--model", "m")).isEqualTo(2);
        assertThat(err.toString()).contains("is not empty (expected: an empty folder, or one that is not there yet");
        try (Stream<Path> left = Files.list(folder.resolve("mesh"))) {
            assertThat(left).containsExactly(own);
        }
        assertThat(new CommandLine(mute()).setErr(new PrintWriter(err)).execute(own.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("DIR: \"" + own + "\" (expected: a folder, or nothing yet)");
    }

    @Test
    void at_a_terminal_it_asks_until_an_answer_will_do() throws IOException {
        int code = run(answering(
                "My Box",
                "box",
                "box:8080",
                "http://127.0.0.1:8080/v1",
                "",
                "box",
                "far",
                "https://far.example",
                "sk-x",
                "FAR_KEY",
                "",
                " ",
                "tiny"));
        assertThat(code).as(err.toString()).isZero();
        var config = loaded().config().orElseThrow();
        assertThat(config.providers().keySet()).containsExactly("box", "far");
        assertThat(requireNonNull(config.providers().get("far")).credentials()).isPresent();
        assertThat(config.pools().keySet()).containsExactly("pool");
        assertThat(out.toString())
                .contains("\"My Box\" (expected: a name")
                .contains("\"box:8080\" (expected: a URL with")
                .contains("\"box\" (expected: each name once)")
                .contains("*** (expected: the name of an environment variable")
                .doesNotContain("sk-x");
    }

    @Test
    void it_asks_only_for_what_no_option_says() {
        assertThat(run(answering("tiny"), "--provider", "a=http://h")).isZero();
        assertThat(out.toString())
                .contains("Which model")
                .contains("mind: the URL of a has no path")
                .doesNotContain("Which providers");
    }

    @Test
    void answers_that_end_early_write_nothing() {
        assertThat(run(answering("box"))).isEqualTo(2);
        assertThat(err.toString()).contains("the answers end here (expected: one to \"its base URL");
        assertThat(folder.resolve("mesh")).doesNotExist();
    }
}
