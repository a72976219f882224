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

    /** What links a block into its chain; hashes are 0x and 64 lower-case hex digits. */
    record Header(long number, String hash, String parentHash) {}

    /**
     * A log as a node gave it, unchecked but for its numbers.
     *
     * @param address the contract that wrote it
     * @param topics signature hash and indexed values
     * @param data 0x and hex digits
     * @param removed the node says that its block is no longer part of the chain
     */
    record RawLog(
            String address,
            List<String> topics,
            String data,
            long blockNumber,
            String blockHash,
            long index,
            boolean removed) {
        public RawLog {
            topics = List.copyOf(topics);
        }
    }
}
