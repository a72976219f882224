package dev.weir.control.demo;

import java.net.URI;

/**
 * Where the demo's registry is.
 *
 * @param rpc JSON-RPC endpoint
 * @param registry the contract's address
 */
record ChainPlace(URI rpc, long chainId, String registry) {}
