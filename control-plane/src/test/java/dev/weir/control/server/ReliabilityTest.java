package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.model.Failpoints.Point;
import dev.weir.control.server.FaultSchedule.Nemesis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/reliability.md is whole: each thing that tests do to Weir is in it, and each test that it names is there. */
final class ReliabilityTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern NAMED = Pattern.compile("`(\\w+(?:IT|Test))`");
    private static final Set<Point> OF_AN_EXPORT =
            Set.of(Point.EXPORT_WRITTEN, Point.EXPORT_NAMED, Point.EXPORT_DELETED);

    private static String text() throws IOException {
        return Files.readString(ROOT.resolve("docs/reliability.md"));
    }

    @Test
    void each_test_that_it_names_is_there_and_each_row_of_a_fault_names_one() throws IOException {
        String text = text();
        Set<String> tests;
        try (Stream<Path> files =
                Files.find(ROOT, 20, (path, is) -> path.toString().contains("src/test/java") && is.isRegularFile())) {
            tests = files.map(path -> path.getFileName().toString().replace(".java", ""))
                    .collect(Collectors.toSet());
        }
        assertThat(NAMED.matcher(text).results().map(named -> named.group(1))).isSubsetOf(tests);
        List<String> rows = text.lines()
                .filter(line -> line.startsWith("| ") && line.split(" \\| ").length == 3)
                .filter(line -> !line.startsWith("| fault |") && !line.startsWith("| found |"))
                .toList();
        assertThat(rows)
                .hasSizeGreaterThan(15)
                .allMatch(row -> NAMED.matcher(row).find());
    }

    @Test
    void each_nemesis_hostility_and_failpoint_is_in_it() throws IOException {
        String text = text();
        List<String> all = new ArrayList<>();
        Stream.of(Nemesis.values()).map(Enum::name).forEach(all::add);
        Stream.of(Hostility.values()).map(Enum::name).forEach(all::add);
        Stream.of(Point.values())
                .filter(point -> !OF_AN_EXPORT.contains(point))
                .map(Enum::name)
                .forEach(all::add);
        assertThat(all.stream().filter(name -> !text.contains('`' + name))).isEmpty();
    }
}
