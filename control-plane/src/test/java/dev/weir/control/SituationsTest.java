package dev.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The documentation names tests; there are such tests. */
final class SituationsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern NAMED = Pattern.compile("`(\\w+(?:IT|Test|Contract))\\.(\\w+)`");

    @Test
    void every_test_that_the_documentation_names_is_there() throws IOException {
        Map<String, Path> classes;
        try (Stream<Path> files = Files.find(
                ROOT,
                20,
                (path, is) -> path.toString().contains("src/test/java")
                        && path.toString().endsWith(".java"))) {
            classes = files.collect(Collectors.toMap(
                    path -> path.getFileName().toString().replace(".java", ""), path -> path, (one, other) -> one));
        }
        String text = Files.readString(ROOT.resolve("docs/situations.md"));
        List<String> missing = NAMED.matcher(text)
                .results()
                .filter(named -> !has(classes.get(named.group(1)), named.group(2)))
                .map(named -> named.group(0))
                .toList();
        assertThat(missing).isEmpty();
        assertThat(NAMED.matcher(text).results()).hasSizeGreaterThan(60);
        List<String> rows = text.lines()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| situation"))
                .toList();
        assertThat(rows).allMatch(row -> NAMED.matcher(row).find());
    }

    private static boolean has(@Nullable Path file, String method) {
        try {
            return file != null && Files.readString(file).contains("void " + method + "(");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
