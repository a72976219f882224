package dev.weir.control.chain;

import dev.weir.control.chain.RegistryEvent.Declared;
import java.math.BigInteger;
import java.util.Optional;

/**
 * A followed name that belongs to who may speak for it, as the registry's logs tell.
 *
 * @param name its name; its id is keccak256 of it
 * @param staked stake that counts, atomic units
 * @param declared what it offers now; empty = nothing
 * @param remark what about it could not be read, empty = everything could
 */
record RegisteredProvider(String name, BigInteger staked, Optional<Declared> declared, Optional<String> remark) {

    RegisteredProvider withStaked(BigInteger next) {
        return new RegisteredProvider(name, next, declared, Optional.empty());
    }

    RegisteredProvider withDeclared(Optional<Declared> next) {
        return new RegisteredProvider(name, staked, next, Optional.empty());
    }

    /** Nothing that may have been said in an unreadable block counts, and nothing that it may have ended. */
    RegisteredProvider unreadable(EventDecoder.Kind kind, long block) {
        boolean stake = kind == EventDecoder.Kind.STAKED || kind == EventDecoder.Kind.UNSTAKE_REQUESTED;
        return new RegisteredProvider(
                name,
                stake ? BigInteger.ZERO : staked,
                stake ? declared : Optional.empty(),
                Optional.of("too many events of it in block " + block + ": "
                        + (stake ? "its stake counts when it changes again" : "what it declares anew counts")));
    }
}
