package dev.weir.control.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Host names, IP addresses and listen addresses. Nothing here asks a name server. */
final class HostText {
    static final String LISTEN = "an IP address or localhost and a port, for instance 127.0.0.1:18000 or [::1]:18000";

    private static final Pattern NAME = Pattern.compile(
            "(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*");
    private static final Pattern IPV4 = Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(?!$)|$)){4}");
    private static final Pattern NUMBERS = Pattern.compile("[0-9.]+");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-f:.]*:[0-9a-f:.]*");
    private static final Pattern LISTEN_FORM = Pattern.compile("(\\[([^\\]]*)\\]|[^:\\[\\]]*):(0|[1-9][0-9]{0,4})");

    private HostText() {}

    /** A DNS name or an IP address, lower case, an IPv6 address without brackets. */
    static Optional<String> host(String text) {
        String host = text.toLowerCase(Locale.ROOT);
        if (host.startsWith("[") && host.endsWith("]")) {
            return Optional.of(host.substring(1, host.length() - 1)).filter(HostText::ipv6);
        }
        boolean valid = NUMBERS.matcher(host).matches()
                ? IPV4.matcher(host).matches()
                : NAME.matcher(host).matches() || ipv6(host);
        return valid ? Optional.of(host) : Optional.empty();
    }

    static Optional<InetSocketAddress> listen(String text) {
        Matcher form = LISTEN_FORM.matcher(text);
        if (!form.matches() || Integer.parseInt(form.group(3)) > 65535) {
            return Optional.empty();
        }
        String host = form.group(2) == null ? form.group(1) : form.group(2);
        boolean bracketed = form.group(2) != null;
        if (bracketed ? !ipv6(host) : !IPV4.matcher(host).matches() && !host.equals("localhost")) {
            return Optional.empty();
        }
        // "localhost" may be ::1 first; what is written there and what is printed later should be the same
        String literal = host.equals("localhost") ? "127.0.0.1" : host;
        return literal(literal).map(address -> new InetSocketAddress(address, Integer.parseInt(form.group(3))));
    }

    private static boolean ipv6(String text) {
        return IPV6.matcher(text).matches() && literal(text).isPresent();
    }

    /** An IP address. Only called for what looks like a literal, which {@link InetAddress} parses without a name server. */
    private static Optional<InetAddress> literal(String text) {
        try {
            return Optional.of(InetAddress.getByName(text.indexOf(':') >= 0 ? "[" + text + "]" : text));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }
}
