package dev.weir.control.chain;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.web3j.crypto.Keys;

/** Addresses of accounts, as people write them. */
public final class Account {
    /** What {@link #parse} takes, in words. */
    public static final String EXPECTED = "an account's address in quotes: 0x and 40 hex digits, not all zero; capitals"
            + " and small letters mixed only as the address's checksum (EIP-55) has them";

    private static final Pattern ADDRESS = Pattern.compile("0x[0-9a-fA-F]{40}");
    private static final String NOBODY = "0x" + "0".repeat(40);

    private Account() {}

    /** The address in lower case; empty when it is nobody's, or its letters say that a digit is wrong. */
    public static Optional<String> parse(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (!ADDRESS.matcher(text).matches() || lower.equals(NOBODY)) {
            return Optional.empty();
        }
        String digits = text.substring(2);
        boolean plain =
                digits.equals(digits.toLowerCase(Locale.ROOT)) || digits.equals(digits.toUpperCase(Locale.ROOT));
        return plain || Keys.toChecksumAddress(lower).equals(text) ? Optional.of(lower) : Optional.empty();
    }
}
