package dev.weir.control.admin;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Whether a {@code Host} header names this machine's loopback. */
final class LoopbackHost {
    private static final Pattern FORM = Pattern.compile("(localhost|127(\\.[0-9]{1,3}){3}|\\[::1\\])(:[0-9]{1,5})?");

    private LoopbackHost() {}

    static boolean is(@Nullable String host) {
        return host != null && FORM.matcher(host.toLowerCase(Locale.ROOT)).matches();
    }
}
