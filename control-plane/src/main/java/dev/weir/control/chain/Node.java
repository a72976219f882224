package dev.weir.control.chain;

import java.util.List;
import java.util.Optional;

/** What following a contract asks of an Ethereum node. */
interface Node {
    long chainId() throws NodeException;

    /** Whether there is a contract at an address now. */
    boolean hasCode(String address) throws NodeException;

    /** The newest block. */
    Header head() throws NodeException;

    /** The block at a height on the node's chain as it is now; empty above the head. */
    Optional<Header> header(long number) throws NodeException;

    /** Logs in one block; empty when the node does not know the block (any more): it was reorganised away. */
    Optional<List<RawLog>> logs(LogFilter filter, Header block) throws NodeException;

    /** Logs in the blocks {@code from} to {@code to}, both included, of the node's chain as it is now. */
    List<RawLog> logs(LogFilter filter, long from, long to) throws NodeException;

    /** Decimals of the token that a registry's stakes are in. */
    int stakeDecimals(String registry) throws NodeException;

    /** What a registry has of a provider now; empty = its name is nobody's. */
    Optional<StoredProvider> provider(String registry, String name) throws NodeException;
}
