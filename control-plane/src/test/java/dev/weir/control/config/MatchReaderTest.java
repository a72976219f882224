package dev.weir.control.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.model.Pool.Match;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MatchReaderTest {
    @TempDir
    Path directory;

    /** Pools p0, p1 and so on. */
    private LoadedConfig load(String... matches) {
        StringBuilder text = new StringBuilder(ConfigFiles.MESH + ConfigFiles.provider("a"));
        for (int i = 0; i < matches.length; i++) {
            text.append(ConfigFiles.pool(
                    "p" + i, "{match: {" + matches[i] + "}, providers: [{provider: a, model: there}]}"));
        }
        return new ConfigFiles(directory).write("all.yaml", text.toString()).load();
    }

    private Match match(String written) {
        LoadedConfig loaded = load(written);
        assertThat(loaded.problems()).isEmpty();
        return requireNonNull(loaded.config().orElseThrow().pools().get("p0")).match();
    }

    @Test
    void whole_names_beginnings_and_aliases_are_read() {
        Match.Model match =
                (Match.Model) match("models: [gpt-4o, 'claude-*', 7], aliases: {best: claude-opus, 'my gpt': gpt-4o}");

        assertThat(match)
                .isEqualTo(new Match.Model(
                        List.of("gpt-4o", "claude-*", "7"), Map.of("best", "claude-opus", "my gpt", "gpt-4o")));
        assertThat(match.whole()).containsExactly("gpt-4o", "7", "best", "my gpt");
        assertThat(match.beginnings()).containsExactly("claude-");
        assertThat(match("model: m, aliases: {n: m}")).isEqualTo(new Match.Model(List.of("m"), Map.of("n", "m")));
        assertThat(match("models: [a-1, 'a-*']").toString()).contains("a-1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "models: [a, b, a] | spec.match.models[2]: \"a\" (expected: each model once)",
                "models: ['a*', 'a*'] | spec.match.models[1]: \"a*\" (expected: each model once)",
                "models: [''] | spec.match.models[0]: \"\" (expected: a model name of 1 to 256 printable characters",
                "models: [' a'] | spec.match.models[0]",
                "models: [\"a\\u0007\"] | spec.match.models[0]: \"a\\u0007\"",
                "models: [\"a\\nb\"] | spec.match.models[0]: \"a\\u000ab\"",
                "models: [\"a\\u202eb\"] | spec.match.models[0]: \"a\\u202eb\"",
                "models: ['*'] | a name before the *; a pool for all that others do not take has pathPrefix: /",
                "models: ['a*b'] | spec.match.models[0]: \"a*b\" (expected: one * at most, at the end)",
                "models: ['*a'] | one * at most, at the end",
                "models: ['a**'] | one * at most, at the end",
                "models: [~] | a word or a number",
                "models: [[a]] | a word or a number",
                "models: [] | a list of 1 to 1000 words",
                "models: a | a list of 1 to 1000 words",
                "model: 'a*' | spec.match.model: \"a*\" (expected: a whole name, without *; beginnings of names belong in models)",
                "model: a, models: [b] | exactly one of model, models, pathPrefix and header",
                "modelss: [a], model: b | did you mean models?",
                "model: a, alias: {b: a} | did you mean aliases?",
                "model: a, aliases: {a: a} | spec.match.aliases.a: \"a\" (expected: another name than the pool's models have)",
                "models: [gpt-4o], aliases: {b: gpt-40} | spec.match.aliases.b: \"gpt-40\" (expected: the whole name of one of the pool's models; did you mean gpt-4o?)",
                "models: ['gpt-*'], aliases: {b: 'gpt-*'} | the whole name of one of the pool's models",
                "model: a, aliases: {b: c, c: a} | spec.match.aliases.b: \"c\" (expected: the whole name of one of the pool's models",
                "model: a, aliases: {'b*': a} | without *",
                "model: a, aliases: {'': a} | an object",
                "model: a, aliases: {\"b\\u0007\": a} | spec.match.aliases.b\\u0007",
                "model: a, aliases: {b: a, b: a} | each field once",
                "model: a, aliases: {b: [a]} | spec.match.aliases.b",
                "model: a, aliases: [b] | spec.match.aliases: \"[...]\" (expected: an object)",
                "pathPrefix: /x, aliases: {b: a} | spec.match.aliases: \"{...}\" (expected: only with model or models)",
            })
    void mistakes_are_named(String written, String said) {
        assertThat(load(written).problems().toString())
                .contains(said.equals("an object") ? "field names as keys" : said);
    }

    @Test
    void names_are_bounded() {
        String many = IntStream.range(0, 1001).mapToObj(i -> "m" + i).collect(Collectors.joining(", "));
        assertThat(load("models: [" + many + "]").problems().toString()).contains("a list of 1 to 1000 words");
        assertThat(load("model: m, aliases: {" + many.replace(",", ": m,") + ": m}")
                        .problems()
                        .toString())
                .contains("at most 1000 names");
        assertThat(load("models: [" + "m".repeat(257) + "]").problems().toString())
                .contains("1 to 256 printable");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "model: a | models: [b, a] | model: a",
                "models: ['a*'] | models: ['a*', c] | model: a*",
                "model: a, aliases: {n: a} | model: n | model: n",
                "models: [b], aliases: {n: b} | models: [c], aliases: {n: c} | model: n",
                "models: [a, b, c] | models: [c, b, a] | model: c",
            })
    void a_model_is_one_pool_s(String one, String other, String said) {
        LoadedConfig loaded = load(one, other);

        assertThat(loaded.problems())
                .singleElement()
                .asString()
                .contains(
                        "ProviderPool/p1: spec.match: \"" + said + "\"",
                        "a match of its own; ProviderPool/p0 in all.yaml has the same");
    }

    @Test
    void a_whole_name_and_a_longer_beginning_are_more_exact_than_a_beginning() {
        assertThat(load("models: ['a*']", "models: ['ab*']", "model: abc", "models: [x], aliases: {abd: x}")
                        .problems())
                .isEmpty();
    }
}
