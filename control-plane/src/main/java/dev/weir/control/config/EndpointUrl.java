package dev.weir.control.config;

import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The URL of an API, as its documentation gives it to clients. Nothing here asks a name server.
 *
 * @param host as {@link HostText#host} gives it
 * @param port the scheme's own where the URL has none
 * @param base its path without a slash at the end; "" = none
 */
public record EndpointUrl(boolean tls, String host, int port, String base) {
    private static final int LONGEST = 1024;
    private static final Pattern VISIBLE = Pattern.compile("[\\x21-\\x7e]*");
    private static final Pattern PARTS = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://([^/]*)(.*)");
    private static final Pattern AUTHORITY = Pattern.compile("(\\[[^\\]]*\\]|[^:\\[\\]]*)(?::([0-9]{1,5}))?");
    /** No character that one server reads in one way and the next in another. */
    private static final Pattern BASE = Pattern.compile("(/(?!\\.{1,2}(/|$))[A-Za-z0-9._~:+=,-]+)*");

    private static final Pattern OPERATION =
            Pattern.compile("(.*?)/(chat/completions|completions|responses|messages|embeddings)");
    private static final Pattern SECRETS = Pattern.compile("//.*@|[?#].*", Pattern.DOTALL);

    /** The parts of a URL; for one that is none, or has parts that an endpoint cannot have, {@code refuse} is told what would do. */
    public static Optional<EndpointUrl> parse(String text, Consumer<String> refuse) {
        if (text.length() > LONGEST) {
            return none(refuse, "a URL of at most " + LONGEST + " characters");
        }
        if (!VISIBLE.matcher(text).matches()) {
            return none(refuse, "a URL of visible ASCII characters, without spaces");
        }
        Matcher parts = PARTS.matcher(text);
        String scheme = parts.matches() ? parts.group(1).toLowerCase(Locale.ROOT) : "";
        if (!scheme.equals("https") && !scheme.equals("http")) {
            return none(refuse, "a URL with https:// or http://, such as https://api.example.com/v1");
        }
        if (text.indexOf('#') >= 0) {
            return none(refuse, "a URL without a fragment (#)");
        }
        if (text.indexOf('?') >= 0) {
            return none(refuse, "a URL without a query; what every request is to have is endpoint.query");
        }
        if (text.indexOf('@') >= 0) {
            return none(refuse, "a URL without user and password; a provider's key is spec.credentials");
        }
        return located(scheme.equals("https"), parts.group(2), parts.group(3), refuse);
    }

    private static Optional<EndpointUrl> located(boolean tls, String authority, String path, Consumer<String> refuse) {
        Matcher parts = AUTHORITY.matcher(authority);
        Optional<String> host = parts.matches() ? HostText.host(parts.group(1)) : Optional.empty();
        if (host.isEmpty()) {
            return none(refuse, "a URL whose host is a DNS name or an IP address, and whose port is a number");
        }
        int port = parts.group(2) == null ? tls ? 443 : 80 : Integer.parseInt(parts.group(2));
        if (port < 1 || port > 65535) {
            return none(refuse, "a URL with a port from 1 to 65535");
        }
        String base = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        if (!BASE.matcher(base).matches()) {
            return none(
                    refuse, "a URL whose path has no .. or //, nor other characters than A-Z a-z 0-9 . _ ~ : + = , -");
        }
        Matcher operation = OPERATION.matcher(base);
        if (operation.matches()) {
            String scheme = tls ? "https://" : "http://";
            return none(
                    refuse,
                    "the URL that an API's operations begin with, here " + scheme + authority + operation.group(1));
        }
        return Optional.of(new EndpointUrl(tls, host.get(), port, base));
    }

    /** The text without what may be a secret in it. */
    public static String shown(String text) {
        return SECRETS.matcher(text)
                .replaceAll(found -> found.group().startsWith("//")
                        ? "//***@"
                        : Matcher.quoteReplacement(found.group().charAt(0) + "***"));
    }

    private static Optional<EndpointUrl> none(Consumer<String> refuse, String expected) {
        refuse.accept(expected);
        return Optional.empty();
    }
}
