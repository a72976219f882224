package dev.weir.control.testbed;

import java.net.URI;
import java.util.List;

/**
 * Where the demo's registry is.
 *
 * @param rpc JSON-RPC endpoint
 * @param registry the contract's address
 * @param owners accounts of the providers, in their order
 */
public record ChainPlace(URI rpc, long chainId, String registry, List<String> owners) {}
