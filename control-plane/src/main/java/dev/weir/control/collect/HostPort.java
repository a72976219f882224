package dev.weir.control.collect;

/**
 * Where something listens.
 *
 * @param host name or address; an IPv6 address without its brackets
 * @param port 1-65535
 */
public record HostPort(String host, int port) {
    /** Reads {@code HOST:PORT}; throws {@link IllegalArgumentException} that says what was expected. */
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon > 0 ? text.substring(0, colon) : "";
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
            host = "";
        }
        String port = text.substring(colon + 1);
        if (!host.isEmpty()
                && host.chars().noneMatch(c -> c <= ' ' || c == '/' || c == '@')
                && port.matches("\\d{1,5}")) {
            int number = Integer.parseInt(port);
            if (number >= 1 && number <= 65_535) {
                return new HostPort(host, number);
            }
        }
        throw new IllegalArgumentException("\"" + text + "\" (expected: HOST:PORT, for instance 127.0.0.1:18000)");
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
