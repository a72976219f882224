package dev.weir.bench.loop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Curves as PNG: the mean wait over time at each load, and the mean response over load. */
final class Plots {
    private static final double FLOOR_MILLIS = 0.1;

    private Plots() {}

    static void draw(Table table, Path directory) throws IOException {
        System.setProperty("java.awt.headless", "true");
        Files.createDirectories(directory);
        for (double load : table.loads()) {
            String title = String.format(Locale.ROOT, "Mean wait by second of sending, load %.2f", load);
            XYChart chart = chart(title, "seconds", "ms");
            for (Table.Line line : table.lines()) {
                if (line.load() == load) {
                    waits(chart, line);
                }
            }
            save(chart, directory, String.format(Locale.ROOT, "wait-%.2f.png", load));
        }
        if (table.loads().size() > 1) {
            XYChart chart = chart("Mean response by load", "offered work over capacity", "ms");
            for (String name :
                    table.lines().stream().map(Table.Line::name).distinct().toList()) {
                List<Table.Line> lines = table.lines().stream()
                        .filter(line -> line.name().equals(name))
                        .toList();
                chart.addSeries(
                        name,
                        lines.stream().mapToDouble(Table.Line::load).toArray(),
                        lines.stream()
                                .mapToDouble(line -> line.median(Row::meanResponse))
                                .toArray());
            }
            save(chart, directory, "response.png");
        }
    }

    /** Each second's median over the seeds; seconds without an answered job are left out. */
    private static void waits(XYChart chart, Table.Line line) {
        int seconds = line.readings().get(0).waitBySecond().size();
        double[] waits = IntStream.range(0, seconds)
                .mapToDouble(second -> Math.max(
                        FLOOR_MILLIS,
                        Sample.median(line.readings().stream()
                                .mapToDouble(reading -> reading.waitBySecond().get(second))
                                .filter(wait -> !Double.isNaN(wait)))))
                .toArray();
        int[] shown = IntStream.range(0, seconds)
                .filter(second -> !Double.isNaN(waits[second]))
                .toArray();
        if (shown.length > 0) {
            chart.addSeries(
                            line.name(),
                            IntStream.of(shown)
                                    .mapToDouble(second -> second + 0.5)
                                    .toArray(),
                            IntStream.of(shown)
                                    .mapToDouble(second -> waits[second])
                                    .toArray())
                    .setMarker(SeriesMarkers.NONE);
        }
    }

    private static XYChart chart(String title, String x, String y) {
        XYChart chart = new XYChartBuilder()
                .width(900)
                .height(540)
                .title(title)
                .xAxisTitle(x)
                .yAxisTitle(y)
                .build();
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        return chart;
    }

    private static void save(XYChart chart, Path directory, String name) throws IOException {
        BitmapEncoder.saveBitmap(chart, directory.resolve(name).toString(), BitmapFormat.PNG);
    }
}
