package dev.weir.control.config;

import java.util.Optional;
import java.util.regex.Pattern;

/** Names of models. */
final class ModelText {
    static final String EXPECTED = "a model name of 1 to 256 printable characters";

    private static final Pattern PRINTABLE = Pattern.compile("[^\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]{1,256}");

    private ModelText() {}

    static Optional<String> name(String text) {
        return PRINTABLE.matcher(text).matches() && text.equals(text.strip()) ? Optional.of(text) : Optional.empty();
    }

    /** Whether {@code name} is one of {@code names}, of which some may be beginnings with a {@code *} behind. */
    static boolean among(Iterable<String> names, String name) {
        for (String each : names) {
            if (each.equals(name) || (each.endsWith("*") && name.startsWith(each.substring(0, each.length() - 1)))) {
                return true;
            }
        }
        return false;
    }
}
