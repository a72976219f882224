package dev.weir.sim.experiment;

import java.util.Locale;

/**
 * A figure and its target.
 *
 * @param what with unit
 * @param side which way is good
 */
public record Target(String what, double value, Side side, double target) {
    /** The side of a target on which a figure is good. */
    public enum Side {
        AT_MOST,
        AT_LEAST
    }

    public static Target atMost(String what, double value, double target) {
        return new Target(what, value, Side.AT_MOST, target);
    }

    public static Target atLeast(String what, double value, double target) {
        return new Target(what, value, Side.AT_LEAST, target);
    }

    /** Whether the figure reaches the target; NaN never does. */
    public boolean passed() {
        return side == Side.AT_MOST ? value <= target : value >= target;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s %s: %.4g (%s %.4g)",
                passed() ? "ok    " : "MISSED",
                what,
                value,
                side == Side.AT_MOST ? "at most" : "at least",
                target);
    }
}
