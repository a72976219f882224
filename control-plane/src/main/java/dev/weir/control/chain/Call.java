package dev.weir.control.chain;

/**
 * A call of a contract, or the creation of one, ready to be sent.
 *
 * @param what in words, for errors
 * @param to the contract; empty = creates one
 * @param data 0x and hex digits
 */
public record Call(String what, String to, String data) {}
