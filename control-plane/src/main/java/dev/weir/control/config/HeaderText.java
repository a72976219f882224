package dev.weir.control.config;

import dev.weir.control.model.StrippedHeaders;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Header names that a configuration may use, and header values. */
final class HeaderText {
    static final String NAME = "a header name that is not Weir's, Envoy's, a proxy's or the connection's own";

    private static final Pattern TOKEN = Pattern.compile("[a-z0-9!#$%&'*+.^_`|~-]{1,128}");
    private static final Pattern VALUE = Pattern.compile("[\\x21-\\x7e]([\\x20-\\x7e\\t]*[\\x21-\\x7e])?");
    private static final Set<String> RESERVED = Set.of(
            "host",
            "connection",
            "content-length",
            "transfer-encoding",
            "te",
            "trailer",
            "upgrade",
            "keep-alive",
            "proxy-connection",
            "accept-encoding");

    private HeaderText() {}

    /** A header's name in lower case. Names that the sidecar strips or that frame the message are refused. */
    static Optional<String> name(String text) {
        String name = text.toLowerCase(Locale.ROOT);
        boolean refused = RESERVED.contains(name) || StrippedHeaders.has(name);
        return !refused && TOKEN.matcher(name).matches() ? Optional.of(name) : Optional.empty();
    }

    /** Whether a text can be a header's value: visible ASCII, spaces within; no line break can be smuggled in. At most 8 KiB. */
    static boolean value(String text) {
        return text.length() <= 8192 && VALUE.matcher(text).matches();
    }
}
