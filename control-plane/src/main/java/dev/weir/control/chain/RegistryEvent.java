package dev.weir.control.chain;

import dev.weir.control.chain.EventDecoder.Kind;
import dev.weir.control.model.Declarations.Block;
import java.math.BigInteger;
import java.util.List;

/** What a log of the registry says. {@code id} is the provider's: keccak256 of its name. */
sealed interface RegistryEvent {
    String id();

    record Registered(String id, String name, String owner) implements RegistryEvent {}

    /** A name changed hands: nothing is declared any more. {@code staked} came along, atomic units. */
    record OwnerChanged(String id, String owner, BigInteger staked) implements RegistryEvent {}

    /** A name was given back: it is nobody's. */
    record Released(String id) implements RegistryEvent {}

    /** Stake after a deposit or a request to take some out, atomic units. */
    record StakeChanged(String id, BigInteger staked) implements RegistryEvent {}

    record Declared(String id, long milliUnitsPerSecond, int slots, List<String> taskTypes, Block block)
            implements RegistryEvent {}

    record Withdrawn(String id) implements RegistryEvent {}

    /** Made by the reader: what a block says of a provider in one kind of event is not known. */
    record Unreadable(String id, Kind kind, long block) implements RegistryEvent {}
}
