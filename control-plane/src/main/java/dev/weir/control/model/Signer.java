package dev.weir.control.model;

/** Signs for one account of an Ethereum chain. Any thread. */
public interface Signer {
    /** The account, 0x and 40 hex digits in lower case. */
    String address();

    /**
     * Signs a digest as it is, without a prefix.
     *
     * @param digest 32 bytes
     * @return 65 bytes: r, s and v, which is 27 or 28, as {@code ecrecover} takes them; s in the lower half of the curve's order
     * @throws IllegalArgumentException when the digest has another length
     */
    byte[] sign(byte[] digest);
}
