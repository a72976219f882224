package dev.weir.control.admin;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as a person would write them. */
final class ExplanationText {
    private ExplanationText() {}

    static String counted(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    static String seconds(double seconds) {
        return seconds < 1 ? number(seconds * 1000) + " ms" : number(seconds) + " s";
    }

    /** Three significant digits, trailing zeros cut, without an exponent where a person would write none. */
    static String number(double value) {
        double size = Math.abs(value);
        if (size >= 1e7 || Double.isNaN(value)) {
            return String.format(Locale.ROOT, "%.3g", value);
        }
        BigDecimal rounded =
                BigDecimal.valueOf(value).setScale(size >= 100 ? 0 : size >= 10 ? 1 : 2, RoundingMode.HALF_EVEN);
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }
}
