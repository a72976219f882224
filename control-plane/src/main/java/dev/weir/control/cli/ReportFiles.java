package dev.weir.control.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.sim.experiment.Report;
import dev.weir.sim.experiment.Report.Column;
import dev.weir.sim.experiment.Report.Row;
import dev.weir.sim.experiment.Report.Table;
import dev.weir.sim.experiment.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Reports as files: JSON for programs, Markdown for docs/evaluation.md. */
final class ReportFiles {
    private ReportFiles() {}

    /**
     * Writes {@code {"machine", "passed", "experiments": [{"name", "passed", "tables": [{"title", "rows": [{"name", COLUMN: figure}]}],
     * "checks": [{"what", "value", "side", "target", "passed"}]}]}}; a figure that there is not is null.
     */
    static void json(List<Report> reports, Path file) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = mapper.createObjectNode();
        root.putPOJO("machine", Machine.here());
        root.put("passed", reports.stream().allMatch(Report::passed));
        ArrayNode experiments = root.putArray("experiments");
        for (Report report : reports) {
            ObjectNode node = experiments.addObject();
            node.put("name", report.name());
            node.put("passed", report.passed());
            ArrayNode tables = node.putArray("tables");
            report.tables().forEach(table -> add(table, tables.addObject()));
            ArrayNode checks = node.putArray("checks");
            for (Target check : report.checks()) {
                ObjectNode entry = checks.addObject();
                entry.put("what", check.what());
                put(entry, "value", check.value());
                entry.put("side", check.side().name());
                put(entry, "target", check.target());
                entry.put("passed", check.passed());
            }
        }
        Files.writeString(file, mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
    }

    private static void add(Table table, ObjectNode node) {
        node.put("title", table.title());
        ArrayNode rows = node.putArray("rows");
        for (Row row : table.rows()) {
            ObjectNode entry = rows.addObject();
            entry.put("name", row.name());
            for (int c = 0; c < table.columns().size(); c++) {
                put(entry, table.columns().get(c).name(), row.values().get(c));
            }
        }
    }

    private static void put(ObjectNode node, String name, double value) {
        if (Double.isFinite(value)) {
            node.put(name, value);
        } else {
            node.putNull(name);
        }
    }

    /** Writes Markdown. Charts are linked as if they lay beside the file, where {@code --plot} should put them. */
    static void markdown(List<Report> reports, Path file) throws IOException {
        StringBuilder text = new StringBuilder();
        text.append("<!-- written by weir simulate -->\n\n")
                .append(Machine.here().line())
                .append("\n\n");
        for (Report report : reports) {
            text.append("## ").append(report.name()).append("\n\n");
            for (Table table : report.tables()) {
                text.append(table.title()).append("\n\n");
                line(
                        text,
                        table.label(),
                        table.columns().stream().map(Column::name).toList());
                line(text, "---", table.columns().stream().map(c -> "---:").toList());
                for (Row row : table.rows()) {
                    List<String> figures = IntStream.range(0, table.columns().size())
                            .mapToObj(c -> ReportText.figure(table, row, c))
                            .toList();
                    line(text, row.name(), figures);
                }
                text.append("\n");
            }
            report.charts()
                    .forEach(chart -> text.append("![")
                            .append(chart.title())
                            .append("](")
                            .append(chart.file())
                            .append(".png)\n\n"));
            for (Target check : report.checks()) {
                text.append("    ").append(check).append("\n");
            }
            text.append(report.checks().isEmpty() ? "" : "\n");
        }
        Files.writeString(file, text.toString());
    }

    private static void line(StringBuilder text, String label, List<String> cells) {
        text.append("| ").append(label).append(cells.stream().collect(Collectors.joining(" | ", " | ", " |\n")));
    }
}
