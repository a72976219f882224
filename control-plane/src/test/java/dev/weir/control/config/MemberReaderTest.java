package dev.weir.control.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.model.Pool.Member;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MemberReaderTest {
    @TempDir
    Path directory;

    private LoadedConfig load(String match, String member) {
        return new ConfigFiles(directory)
                .write(
                        "all.yaml",
                        ConfigFiles.MESH
                                + ConfigFiles.provider("a")
                                + ConfigFiles.pool(
                                        "p", "{match: {" + match + "}, providers: [{provider: a, " + member + "}]}"))
                .load();
    }

    @Test
    void names_of_models_there_are_read() {
        LoadedConfig loaded = load("models: [m, 'n-*'], aliases: {k: m}", "models: {m: org/m, n-1: org/n}");

        assertThat(loaded.problems()).isEmpty();
        assertThat(requireNonNull(loaded.config().orElseThrow().pools().get("p"))
                        .members())
                .containsExactly(new Member("a", Optional.empty(), Map.of("m", "org/m", "n-1", "org/n"), false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "model: gpt-4o | models: {gpt-40: x} | spec.providers[0].models.gpt-40: \"gpt-40\" (expected: the whole name of one of the pool's models; did you mean gpt-4o?)",
                "models: ['n-*'] | models: {'n-*': x} | the whole name of one of the pool's models",
                "model: m, aliases: {k: m} | models: {k: x} | the whole name of one of the pool's models",
                "model: m | models: {'': x} | field names as keys",
                "model: m | models: {m: ''} | spec.providers[0].models.m",
                "model: m | models: {m: [x]} | spec.providers[0].models.m",
                "model: m | models: [x] | spec.providers[0].models: \"[...]\" (expected: an object)",
                "model: m | models: {m: x, m: y} | each field once",
                "model: m | model: y, models: {m: x} | either model, a name for all, or models",
                "pathPrefix: /x | models: {m: x} | only in a pool by model or models",
                "model: m | modells: {m: x} | did you mean models?",
            })
    void mistakes_are_named(String match, String member, String said) {
        assertThat(load(match, member).problems().toString()).contains(said);
    }

    @Test
    void they_are_bounded() {
        String many = IntStream.range(0, 1001).mapToObj(i -> "m" + i + ": x").collect(Collectors.joining(", "));
        assertThat(load("models: ['m*']", "models: {" + many + "}").problems().toString())
                .contains("at most 1000 names");
    }
}
