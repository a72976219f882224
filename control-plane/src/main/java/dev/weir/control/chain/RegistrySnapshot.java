package dev.weir.control.chain;

import dev.weir.control.model.Config.CapacitySource;
import dev.weir.control.model.Declarations.Block;
import java.util.List;

/**
 * All of a registry at once.
 *
 * @param block newest block with enough confirmations
 * @param providers in the order of their names
 */
public record RegistrySnapshot(Block block, List<RegisteredProvider> providers) {
    private static final int ATTEMPTS = 10;

    public RegistrySnapshot {
        providers = List.copyOf(providers);
    }

    /** Reads everything from {@code fromBlock} on. */
    public static RegistrySnapshot read(CapacitySource.Chain source) throws NodeException {
        EthNode node = new EthNode(new HttpRpc(source.rpc(), ChainReader.CALL_TIMEOUT, ChainReader.MAX_ANSWER_BYTES));
        Follower follower = new Follower(node, source);
        for (int i = 0; i < ATTEMPTS; i++) {
            if (follower.advance()) {
                Header header = follower.confirmed()
                        .orElseThrow(() -> new NodeException("no block with " + source.confirmations()
                                + " confirmations from block " + source.fromBlock() + " on"));
                return new RegistrySnapshot(
                        new Block(header.number(), header.hash()),
                        List.copyOf(follower.state().providers().values()));
            }
        }
        throw new NodeException("the chain is reorganised faster than it can be read");
    }
}
