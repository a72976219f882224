package dev.weir.control.chain;

import java.math.BigInteger;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A provider as the registry has it now, whoever owns it. Task types are in the logs only.
 *
 * @param name its name; its id is keccak256 of it
 * @param owner who holds the stake and may do everything, 0x and 40 hex digits
 * @param signer who may declare, too
 * @param workUnitsPerSecond what it declares; 0 = nothing
 * @param slots requests that it serves at once; 0 = not declared
 * @param staked stake that counts, atomic units
 * @param unbonding stake that waits to be withdrawn
 * @param releaseAtSeconds block time from which it can be
 */
public record StoredProvider(
        String name,
        String owner,
        String signer,
        double workUnitsPerSecond,
        int slots,
        BigInteger staked,
        BigInteger unbonding,
        long releaseAtSeconds) {
    /** Words of the struct: its offset, then owner, capacity, slots, signer, release time, endpoint, stake, unbonding. */
    static final int WORDS = 9;

    /**
     * Reads some of a registry's providers; those that nobody has registered are left out.
     *
     * @param chainId the only chain that is asked
     */
    public static List<StoredProvider> read(URI rpc, long chainId, RegistryContract registry, List<String> names)
            throws NodeException {
        EthNode node = new EthNode(new HttpRpc(rpc, ChainReader.CALL_TIMEOUT, ChainReader.MAX_ANSWER_BYTES));
        long found = node.chainId();
        if (found != chainId) {
            throw new NodeException("chain id: " + found + " (expected: " + chainId + ")");
        }
        List<StoredProvider> all = new ArrayList<>();
        for (String name : names) {
            node.provider(registry.address(), name).ifPresent(all::add);
        }
        return all;
    }

    static Optional<StoredProvider> of(String name, List<BigInteger> words) {
        if (words.get(1).signum() == 0) {
            return Optional.empty();
        }
        return Optional.of(new StoredProvider(
                name,
                EthNode.address(words.get(1)),
                EthNode.address(words.get(4)),
                words.get(2).doubleValue() / 1000,
                words.get(3).min(BigInteger.valueOf(EventDecoder.MAX_SLOTS)).intValue(),
                words.get(7),
                words.get(8),
                words.get(5).min(BigInteger.valueOf(Long.MAX_VALUE)).longValue()));
    }
}
