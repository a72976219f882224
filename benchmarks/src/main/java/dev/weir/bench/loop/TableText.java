package dev.weir.bench.loop;

import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A table as text or Markdown. */
final class TableText {
    private static final List<String> HEADER = List.of(
            "policy",
            "load",
            "wait mean",
            "p99",
            "response mean",
            "p99",
            "over JSQ mean",
            "p99",
            "backlog",
            "retries",
            "releases",
            "Envoy us",
            "control us",
            "failed",
            "429",
            "open",
            "late p99");

    private final List<List<String>> rows;

    TableText(Table table) {
        List<String> more = table.lines().stream()
                .flatMap(line -> line.readings().stream())
                .flatMap(reading -> reading.more().keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new))
                .stream()
                .toList();
        List<String> header = Stream.concat(HEADER.stream(), more.stream()).toList();
        this.rows = Stream.concat(Stream.of(header), table.lines().stream().map(line -> row(line, more)))
                .toList();
    }

    private static List<String> row(Table.Line line, List<String> more) {
        Stream<String> fixed = Stream.of(
                line.name(),
                String.format(Locale.ROOT, "%.2f", line.load()),
                number(line.median(Row::meanWait)),
                number(line.median(Row::p99Wait)),
                number(line.median(Row::meanResponse)),
                number(line.median(Row::p99Response)),
                percent(line.meanOverJsq()),
                percent(line.p99OverJsq()),
                String.format(Locale.ROOT, "%.0f", line.most(Row::largestBacklog)),
                String.format(Locale.ROOT, "%.2f", line.median(Row::retries)),
                String.format(Locale.ROOT, "%.0f", line.median(Row::releases)),
                String.format(Locale.ROOT, "%.0f", line.median(Row::envoyMicros)),
                String.format(Locale.ROOT, "%.0f", line.median(Row::controlMicros)),
                String.format(Locale.ROOT, "%.0f", line.most(Row::failed)),
                String.format(Locale.ROOT, "%.0f", line.most(Row::refused)),
                String.format(Locale.ROOT, "%.0f", line.most(Row::open)),
                number(line.median(Row::lateP99)));
        return Stream.concat(fixed, more.stream().map(what -> number(line.more(what))))
                .toList();
    }

    /** Columns under each other, for a terminal. */
    String plain() {
        int[] widths = IntStream.range(0, rows.get(0).size())
                .map(column -> rows.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        return rows.stream()
                .map(row -> IntStream.range(0, row.size())
                        .mapToObj(i -> String.format(
                                Locale.ROOT, i == 0 ? "%-" + widths[i] + "s" : "%" + widths[i] + "s", row.get(i)))
                        .collect(Collectors.joining("  ")))
                .collect(Collectors.joining("\n"));
    }

    String markdown() {
        String rule = rows.get(0).stream().map(cell -> "---").collect(Collectors.joining(" | ", "| ", " |"));
        List<String> lines = rows.stream()
                .map(row -> row.stream().collect(Collectors.joining(" | ", "| ", " |")))
                .toList();
        return Stream.concat(Stream.of(lines.get(0), rule), lines.stream().skip(1))
                .collect(Collectors.joining("\n"));
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, value < 100 ? "%.1f" : "%.0f", value);
    }

    private static String percent(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%+.0f %%", value);
    }
}
