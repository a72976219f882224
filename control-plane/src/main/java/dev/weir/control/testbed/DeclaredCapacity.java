package dev.weir.control.testbed;

import dev.weir.control.testbed.provider.ProviderSpec;

/**
 * A provider's capacity as the control plane has it.
 *
 * @param declared work units per second
 * @param blockNumber where it was declared, 0 = not on a chain
 */
public record DeclaredCapacity(String provider, double declared, long blockNumber) {
    /** Whether it was read from the chain and is what the provider can do. */
    public boolean onChain() {
        return blockNumber > 0
                && Fleet.PROVIDERS.stream()
                        .filter(spec -> spec.name().equals(provider))
                        .mapToDouble(ProviderSpec::capacity)
                        .anyMatch(capacity -> Math.abs(capacity - declared) < 1e-6 * capacity);
    }

    @Override
    public String toString() {
        return provider + " " + Math.round(declared) + " at block " + blockNumber;
    }
}
