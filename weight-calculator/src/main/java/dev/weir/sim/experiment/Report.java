package dev.weir.sim.experiment;

import java.util.List;

/** What an experiment found. */
public record Report(String name, List<Table> tables, List<Target> checks, List<Chart> charts) {
    public Report {
        tables = List.copyOf(tables);
        checks = List.copyOf(checks);
        charts = List.copyOf(charts);
    }

    /** Whether every figure reached its target. */
    public boolean passed() {
        return checks.stream().allMatch(Target::passed);
    }

    /**
     * @param title what it shows, with units
     * @param label heading of the rows' names
     */
    public record Table(String title, String label, List<Column> columns, List<Row> rows) {
        public Table {
            columns = List.copyOf(columns);
            rows = List.copyOf(rows);
        }
    }

    /**
     * @param decimals digits after the point
     * @param signed whether positive figures carry a plus
     */
    public record Column(String name, int decimals, Sign signed) {
        public static Column of(String name, int decimals) {
            return new Column(name, decimals, Sign.IF_NEGATIVE);
        }

        /** A difference in percent. */
        public static Column percent(String name) {
            return new Column(name, 1, Sign.ALWAYS);
        }
    }

    /** When a sign is printed. */
    public enum Sign {
        IF_NEGATIVE,
        ALWAYS
    }

    /** @param values one per column; NaN = nothing to say */
    public record Row(String name, List<Double> values) {
        public Row {
            values = List.copyOf(values);
        }
    }

    /** Curves over one axis. */
    public record Chart(String file, String title, String x, String y, Scale scale, List<Series> series) {
        public Chart {
            series = List.copyOf(series);
        }
    }

    /** A chart's vertical axis. */
    public enum Scale {
        LINEAR,
        LOGARITHMIC
    }

    public record Series(String name, List<Double> x, List<Double> y) {
        public Series {
            x = List.copyOf(x);
            y = List.copyOf(y);
        }
    }
}
