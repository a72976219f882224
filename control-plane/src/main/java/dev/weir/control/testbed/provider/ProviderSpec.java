package dev.weir.control.testbed.provider;

/**
 * @param name the provider's name
 * @param model the one model that it serves
 * @param slots requests served at once, {@code >= 1}
 * @param meanServiceNanos service time of a job of size 1, {@code > 0}
 */
public record ProviderSpec(String name, String model, int slots, long meanServiceNanos) {
    public ProviderSpec {
        if (slots < 1 || meanServiceNanos < 1) {
            throw new IllegalArgumentException(name + ": " + slots + " slots of " + meanServiceNanos
                    + " ns (expected: at least one slot and a positive service time)");
        }
    }

    /** Jobs of size 1 per second. */
    public double capacity() {
        return slots * 1e9 / meanServiceNanos;
    }
}
