package dev.weir.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/**
 * One measured figure beside the most that it may be.
 *
 * @param what what was measured, where
 * @param value measured; NaN = could not be measured, which is a miss
 * @param most largest value that reaches the target
 * @param unit of both
 */
public record Figure(String what, double value, double most, String unit) {
    @JsonProperty
    public boolean met() {
        return value <= most;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%-6s %s: %.3g %s (target: at most %.4g)",
                met() ? "met" : "MISSED",
                what,
                value,
                unit,
                most);
    }
}
