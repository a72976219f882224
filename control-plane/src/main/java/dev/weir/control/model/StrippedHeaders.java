package dev.weir.control.model;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Headers that an agent cannot send past a sidecar: nothing that it says may look like something that Weir, Envoy or a proxy
 * said, or make a provider serve another path, method, host or user than the one that was asked for. Many frameworks take
 * {@code _} for {@code -}, so both spellings go.
 */
public final class StrippedHeaders {
    /** Regular expressions of whole names in lower case; several, because Envoy refuses large ones. */
    public static final List<String> NAMES = List.of(
                    "weir-.*|x-envoy-.*|x-request-id",
                    // who sent it, whereto and how, in the words of proxies; another path, method or host than the
                    // request's
                    "forwarded|x-(forwarded|original|accel|middleware)(-.*)?",
                    "(x-)?(true|cluster)?-?(real|client|remote)-(ip|addr|host|user)",
                    "cf-connecting-ip|x-(host|scheme|ssl|port)",
                    "x-rewrite-url|x-(http-)?(method|path)(-override)?",
                    // what some servers obey: a proxy for their own calls, files to send
                    "proxy|x-sendfile-type")
            .stream()
            .map(names -> names.replace("-", "[-_]"))
            .toList();

    private static final List<Pattern> PATTERNS =
            NAMES.stream().map(Pattern::compile).toList();

    private StrippedHeaders() {}

    /** Whether a header is one that no request can have. */
    public static boolean has(String lowerCaseName) {
        return PATTERNS.stream()
                .anyMatch(pattern -> pattern.matcher(lowerCaseName).matches());
    }
}
