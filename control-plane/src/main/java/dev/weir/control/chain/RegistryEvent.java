package dev.weir.control.chain;

import dev.weir.control.model.Declarations.Block;
import java.math.BigInteger;
import java.util.List;

/** What a log of the registry says. {@code id} is the provider's: keccak256 of its name. */
sealed interface RegistryEvent {
    String id();

    record Registered(String id, String name, String owner, String signer, String endpointHash)
            implements RegistryEvent {}

    record OwnerChanged(String id, String owner) implements RegistryEvent {}

    record SignerChanged(String id, String signer) implements RegistryEvent {}

    record EndpointChanged(String id, String endpointHash) implements RegistryEvent {}

    /** Stake after a deposit or a request to take some out, atomic units. */
    record StakeChanged(String id, BigInteger staked) implements RegistryEvent {}

    /** Paid out of what was unbonding; counted stake is unchanged. */
    record StakeWithdrawn(String id) implements RegistryEvent {}

    record Declared(String id, long milliUnitsPerSecond, int slots, List<String> taskTypes, Block block)
            implements RegistryEvent {}

    record Withdrawn(String id) implements RegistryEvent {}
}
