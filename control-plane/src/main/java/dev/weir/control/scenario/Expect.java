package dev.weir.control.scenario;

import java.util.List;

/** Refusals of a scenario: {@code path: "value" (expected: ...)}. */
final class Expect {
    private static final int SHOWN = 120;

    private Expect() {}

    static void that(boolean holds, String path, Object value, String expected) {
        if (!holds) {
            throw wrong(path, value, expected);
        }
    }

    /** A finite number; NaN is never in range. */
    static double between(double low, double high, String path, double value, String unit) {
        that(value >= low && value <= high, path, value, number(low) + " to " + number(high) + unit);
        return value;
    }

    static int between(int low, int high, String path, int value) {
        that(value >= low && value <= high, path, value, low + " to " + high);
        return value;
    }

    /** The place of a name among others. */
    static int indexOf(List<String> names, String path, String name) {
        int index = names.indexOf(name);
        that(index >= 0, path, name, "one of " + names);
        return index;
    }

    static IllegalArgumentException wrong(String path, Object value, String expected) {
        String text = String.valueOf(value)
                .codePoints()
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .limit(SHOWN)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return new IllegalArgumentException(path + ": \"" + text + "\" (expected: " + expected + ")");
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
