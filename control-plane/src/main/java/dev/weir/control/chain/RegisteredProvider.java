package dev.weir.control.chain;

import dev.weir.control.model.Declarations.Declaration;
import java.math.BigInteger;
import java.util.Optional;

/**
 * A provider as the registry's logs tell it.
 *
 * @param name its name; its id is keccak256 of it
 * @param owner who holds the stake and may do everything, 0x and 40 hex digits
 * @param signer who may declare, too
 * @param endpointHash keccak256 of the endpoint's URL, 0x and 64 hex digits
 * @param staked stake that counts, atomic units
 * @param declaration what it offers now; empty = nothing
 */
public record RegisteredProvider(
        String name,
        String owner,
        String signer,
        String endpointHash,
        BigInteger staked,
        Optional<Declaration> declaration) {

    RegisteredProvider withOwner(String next) {
        return new RegisteredProvider(name, next, signer, endpointHash, staked, declaration);
    }

    RegisteredProvider withSigner(String next) {
        return new RegisteredProvider(name, owner, next, endpointHash, staked, declaration);
    }

    RegisteredProvider withEndpointHash(String next) {
        return new RegisteredProvider(name, owner, signer, next, staked, declaration);
    }

    RegisteredProvider withStaked(BigInteger next) {
        return new RegisteredProvider(
                name,
                owner,
                signer,
                endpointHash,
                next,
                declaration.map(d -> new Declaration(
                        d.provider(),
                        d.workUnitsPerSecond(),
                        d.slots(),
                        d.taskTypes(),
                        Optional.of(next.toString()),
                        d.block())));
    }

    RegisteredProvider withDeclaration(Optional<Declaration> next) {
        return new RegisteredProvider(name, owner, signer, endpointHash, staked, next);
    }
}
