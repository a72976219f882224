package dev.weir.control.chain;

/** An Ethereum node did not answer, or not as it should. The message names no more of its URL than host and port. */
public final class NodeException extends Exception {
    NodeException(String message) {
        super(message);
    }
}
