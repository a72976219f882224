package dev.weir.weights;

/**
 * Constants of the calculator; {@link #DEFAULTS} suit a mesh with 250 ms ticks.
 *
 * @param tickSeconds nominal distance of two ticks, T
 * @param policy how the split is made
 * @param gateShare predicted wait saved per request, as a share of the mean service time, above which a split is released
 * @param targetUtilisation u*, where the price rests
 * @param priceTimeConstantSeconds tau_p
 * @param priceIntervalSeconds least time between two published prices of a pool
 * @param costSeconds V: seconds of delay that are accepted to save one unit of a provider's cost per work unit; 0 = cost
 *     does not matter
 */
public record Settings(
        double tickSeconds,
        Policy policy,
        double gateShare,
        double targetUtilisation,
        double priceTimeConstantSeconds,
        double priceIntervalSeconds,
        double costSeconds) {
    public static final Settings DEFAULTS = new Settings(0.25, Policy.WATER_FILLING, 0.001, 0.9, 40, 5, 0);

    /** Throws {@link IllegalArgumentException} with name, value and range. */
    public Settings {
        require(tickSeconds > 0 && tickSeconds <= 3600, "tickSeconds", tickSeconds, "over 0, at most 3600");
        require(gateShare >= 0 && gateShare <= 1, "gateShare", gateShare, "0 to 1");
        require(
                targetUtilisation > 0 && targetUtilisation <= 1,
                "targetUtilisation",
                targetUtilisation,
                "over 0, at most 1");
        require(
                priceTimeConstantSeconds > 0 && priceTimeConstantSeconds <= 1e6,
                "priceTimeConstantSeconds",
                priceTimeConstantSeconds,
                "over 0, at most 1000000");
        require(
                priceIntervalSeconds >= 0 && priceIntervalSeconds <= 1e6,
                "priceIntervalSeconds",
                priceIntervalSeconds,
                "0 to 1000000");
        require(costSeconds >= 0 && costSeconds <= 1e9, "costSeconds", costSeconds, "0 to 1e9");
    }

    private static void require(boolean holds, String what, double value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: " + expected + ")");
        }
    }

    /** Settings under which cost does not matter. */
    public Settings(
            double tickSeconds,
            Policy policy,
            double gateShare,
            double targetUtilisation,
            double priceTimeConstantSeconds,
            double priceIntervalSeconds) {
        this(tickSeconds, policy, gateShare, targetUtilisation, priceTimeConstantSeconds, priceIntervalSeconds, 0);
    }

    /** How the split is made. */
    public enum Policy {
        /** max-weight water-filling on real backlog */
        WATER_FILLING,
        /** the declared capacities as fixed weights: the baseline */
        WRR
    }
}
