package dev.weir.control.chain;

import java.util.List;

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
    RawLog {
        topics = List.copyOf(topics);
    }
}
