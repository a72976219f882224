package dev.weir.control.model;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** Addresses that only processes of the same machine reach. */
public final class Loopback {
    private static final Pattern LITERAL = Pattern.compile("[0-9.]+|.*:.*");

    private Loopback() {}

    /** Whether a host, an IPv6 address without brackets, is a loopback by its name: nothing is looked up. */
    public static boolean is(String host) {
        if (!LITERAL.matcher(host).matches()) {
            return host.equals("localhost");
        }
        try {
            return InetAddress.getByName(host.contains(":") ? "[" + host + "]" : host)
                    .isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false; // looks like an address and is none
        }
    }
}
