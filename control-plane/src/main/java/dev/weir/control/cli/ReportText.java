package dev.weir.control.cli;

import dev.weir.sim.experiment.Report;
import dev.weir.sim.experiment.Report.Column;
import dev.weir.sim.experiment.Report.Row;
import dev.weir.sim.experiment.Report.Sign;
import dev.weir.sim.experiment.Report.Table;
import dev.weir.sim.experiment.Target;
import java.io.PrintWriter;
import java.util.Locale;

/** A report as text in columns. */
final class ReportText {
    private ReportText() {}

    static void print(Report report, PrintWriter out) {
        out.printf("%n== %s ==%n", report.name());
        for (Table table : report.tables()) {
            print(table, out);
        }
        for (Target check : report.checks()) {
            out.println(check);
        }
    }

    private static void print(Table table, PrintWriter out) {
        out.println(table.title());
        int label = table.rows().stream()
                .mapToInt(r -> r.name().length())
                .reduce(table.label().length(), Math::max);
        int[] widths = new int[table.columns().size()];
        for (int c = 0; c < widths.length; c++) {
            widths[c] = table.columns().get(c).name().length();
            for (Row row : table.rows()) {
                widths[c] = Math.max(widths[c], figure(table, row, c).length());
            }
        }
        StringBuilder line = new StringBuilder(padRight(table.label(), label));
        for (int c = 0; c < widths.length; c++) {
            line.append("  ").append(padLeft(table.columns().get(c).name(), widths[c]));
        }
        out.println(line);
        for (Row row : table.rows()) {
            line = new StringBuilder(padRight(row.name(), label));
            for (int c = 0; c < widths.length; c++) {
                line.append("  ").append(padLeft(figure(table, row, c), widths[c]));
            }
            out.println(line);
        }
        out.println();
    }

    /** A figure as its column shows it; "-" for nothing. */
    static String figure(Table table, Row row, int column) {
        Column as = table.columns().get(column);
        double value = row.values().get(column);
        if (Double.isNaN(value)) {
            return "-";
        }
        String sign = as.signed() == Sign.ALWAYS ? "+" : "";
        return String.format(Locale.ROOT, "%" + sign + "." + as.decimals() + "f", value);
    }

    private static String padRight(String text, int width) {
        return text + " ".repeat(width - text.length());
    }

    private static String padLeft(String text, int width) {
        return " ".repeat(width - text.length()) + text;
    }
}
