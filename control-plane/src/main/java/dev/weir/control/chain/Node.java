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

    /** A contract's logs in one block; empty when the node does not know the block (any more): it was reorganised away. */
    Optional<List<RawLog>> logs(String address, Header block) throws NodeException;

    /** A contract's logs in the blocks {@code from} to {@code to}, both included, of the node's chain as it is now. */
    List<RawLog> logs(String address, long from, long to) throws NodeException;
}
