package dev.weir.control.cli;

import dev.weir.sim.experiment.Report;
import dev.weir.sim.experiment.Report.Chart;
import dev.weir.sim.experiment.Report.Scale;
import dev.weir.sim.experiment.Report.Series;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The curves of reports as PNG files. */
final class ReportPlots {
    private ReportPlots() {}

    static void draw(List<Report> reports, Path directory) throws IOException {
        System.setProperty("java.awt.headless", "true");
        Files.createDirectories(directory);
        for (Report report : reports) {
            for (Chart chart : report.charts()) {
                BitmapEncoder.saveBitmap(
                        picture(chart), directory.resolve(chart.file()).toString(), BitmapFormat.PNG);
            }
        }
    }

    private static XYChart picture(Chart chart) {
        XYChart picture = new XYChartBuilder()
                .width(900)
                .height(540)
                .title(chart.title())
                .xAxisTitle(chart.x())
                .yAxisTitle(chart.y())
                .build();
        picture.getStyler().setYAxisLogarithmic(chart.scale() == Scale.LOGARITHMIC);
        picture.getStyler().setLegendPosition(LegendPosition.OutsideE);
        for (Series series : chart.series()) {
            picture.addSeries(series.name(), series.x(), series.y()).setMarker(SeriesMarkers.NONE);
        }
        return picture;
    }
}
