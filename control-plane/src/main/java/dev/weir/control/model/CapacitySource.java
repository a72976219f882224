package dev.weir.control.model;

import java.net.URI;
import java.time.Duration;
import java.util.OptionalDouble;

/** Where declared capacities come from: {@code spec.capacity}. */
public sealed interface CapacitySource {
    /** {@code source: file}: from {@code Provider.spec.capacity}. */
    record File() implements CapacitySource {}

    /**
     * {@code source: chain}.
     *
     * @param rpc JSON-RPC endpoint; {@code rpc}, or {@code rpcFrom: {env: NAME}} or {@code {file: PATH}}
     * @param chainId the only chain id accepted
     * @param registry address of the {@code CapacityRegistry}, 0x and 40 hex digits, lower case; {@code registry} or
     *     {@code registryFrom}
     * @param confirmations blocks on top before a declaration counts, 0 - 1000, default 2
     * @param fromBlock first block to read, default 0
     * @param pollInterval default 500 ms
     * @param unitsPerToken work units per second that one whole token of stake stands for, default 1: nobody is trusted
     *     with more than its stake stands for; empty = {@code none}, declarations are not capped
     */
    record Chain(
            URI rpc,
            long chainId,
            String registry,
            int confirmations,
            long fromBlock,
            Duration pollInterval,
            OptionalDouble unitsPerToken)
            implements CapacitySource {
        /** The source without the path and query of {@code rpc}, which often are an access key. */
        @Override
        public String toString() {
            return "chain " + chainId + " at " + rpc.getScheme() + "://" + rpc.getHost()
                    + (rpc.getPort() < 0 ? "" : ":" + rpc.getPort()) + ", registry " + registry + ", confirmations "
                    + confirmations + ", from block " + fromBlock + ", every " + pollInterval + ", units per token "
                    + (unitsPerToken.isPresent() ? Double.toString(unitsPerToken.getAsDouble()) : "none");
        }
    }
}
