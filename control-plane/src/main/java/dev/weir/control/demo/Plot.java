package dev.weir.control.demo;

import java.util.List;
import java.util.Locale;

/** Draws the policies' mean waits over the time of the story as an SVG image; the axis of waits is logarithmic. */
final class Plot {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 380;
    private static final int LEFT = 70;
    private static final int RIGHT = 20;
    private static final int TOP = 50;
    private static final int BOTTOM = 50;
    /** Milliseconds at the lower end of the axis; shorter waits are drawn there. */
    private static final double FLOOR = 1;

    private static final List<String> COLOURS = List.of("#c2410c", "#0369a1");

    private final Story story;
    private final List<WaitCurve> curves;
    private final int decades;
    private final StringBuilder svg = new StringBuilder();

    private Plot(Story story, List<WaitCurve> curves) {
        this.story = story;
        this.curves = curves;
        double highest = curves.stream()
                .flatMap(curve -> curve.meanWaitMillis().stream())
                .mapToDouble(wait -> wait.isNaN() ? 0 : wait)
                .max()
                .orElse(0);
        this.decades = (int) Math.max(2, Math.ceil(Math.log10(Math.max(FLOOR, highest) / FLOOR)));
    }

    static String svg(Story story, List<WaitCurve> curves) {
        Plot plot = new Plot(story, curves);
        plot.draw();
        return plot.svg.toString();
    }

    private void draw() {
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">",
                WIDTH, HEIGHT);
        add("<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", WIDTH, HEIGHT);
        text(LEFT, 24, "start", "#111827", "Mean wait of a call, by the second in which it was sent");
        event();
        axes();
        for (int i = 0; i < curves.size(); i++) {
            curve(curves.get(i), COLOURS.get(i % COLOURS.size()), i);
        }
        add("</svg>");
    }

    private void event() {
        if (story.event() == Story.Event.NONE) {
            return;
        }
        double from = x(story.eventNanos() / 1e9);
        double to = x(story.recoveryNanos() / 1e9);
        add(
                "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"#f3f4f6\"/>",
                from, TOP, to - from, HEIGHT - TOP - BOTTOM);
        String what = story.event() == Story.Event.SLOW ? "largest provider at 30 %" : "largest provider stalled";
        text((from + to) / 2, TOP + 16, "middle", "#6b7280", what);
    }

    private void axes() {
        for (int decade = 0; decade <= decades; decade++) {
            double millis = FLOOR * Math.pow(10, decade);
            double y = y(millis);
            add("<path d=\"M%d %.1fH%d\" stroke=\"#d1d5db\"/>", LEFT, y, WIDTH - RIGHT, y);
            text(
                    LEFT - 8,
                    y + 4,
                    "end",
                    "#374151",
                    millis >= 1000 ? (long) (millis / 1000) + " s" : (long) millis + " ms");
        }
        int step = Math.max(1, (story.seconds() + 7) / 8);
        for (int second = 0; second <= story.seconds(); second += step) {
            text(x(second), HEIGHT - BOTTOM + 18, "middle", "#374151", Integer.toString(second));
        }
        text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 10, "middle", "#374151", "seconds");
    }

    private void curve(WaitCurve curve, String colour, int index) {
        StringBuilder path = new StringBuilder();
        boolean drawing = false;
        for (int second = 0; second < curve.meanWaitMillis().size(); second++) {
            double wait = curve.meanWaitMillis().get(second);
            if (Double.isNaN(wait)) {
                drawing = false;
                continue;
            }
            path.append(String.format(Locale.ROOT, "%s%.1f %.1f", drawing ? "L" : "M", x(second + 0.5), y(wait)));
            drawing = true;
        }
        add(
                "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2.5\" stroke-linejoin=\"round\"/>",
                path, colour);
        double labelX = WIDTH - RIGHT - 130.0 * (curves.size() - index);
        add("<path d=\"M%.1f 38h18\" stroke=\"%s\" stroke-width=\"3\"/>", labelX, colour);
        text(labelX + 24, 42, "start", colour, curve.policy());
    }

    private double x(double second) {
        return LEFT + (WIDTH - LEFT - RIGHT) * second / story.seconds();
    }

    private double y(double millis) {
        double height = HEIGHT - TOP - BOTTOM;
        return TOP + height * (1 - Math.log10(Math.max(FLOOR, millis) / FLOOR) / decades);
    }

    private void text(double x, double y, String anchor, String colour, String text) {
        add("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">%s</text>", x, y, anchor, colour, text);
    }

    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
