package dev.weir.control.config;

import java.util.Optional;

/**
 * Something in the configuration that is refused, and what was expected instead.
 *
 * <p>{@link #toString} is the one line that {@code weir validate} prints: {@code file:line: kind/name: path: "value"
 * (expected: ...)}. Values are shortened and made printable here; a secret never gets this far (see {@link Source}).
 *
 * @param file its name in the source, "" = the source itself
 * @param line from 1, 0 = unknown
 * @param object {@code kind/name}, "" = unknown
 * @param path field, for instance {@code spec.endpoint.port}, "" = the whole object or file
 * @param value what was found there, empty = nothing
 * @param expected what would be accepted
 */
public record ConfigProblem(
        String file, int line, String object, String path, Optional<String> value, String expected) {
    private static final int SHOWN = 120;

    public ConfigProblem {
        object = printable(object);
        path = printable(path);
        value = value.map(ConfigProblem::printable);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(file.isEmpty() ? "." : file);
        if (line > 0) {
            text.append(':').append(line);
        }
        text.append(": ");
        if (!object.isEmpty()) {
            text.append(object).append(": ");
        }
        if (!path.isEmpty()) {
            text.append(path).append(": ");
        }
        text.append(value.map(v -> '"' + v + '"').orElse("missing"));
        return text.append(" (expected: ").append(expected).append(')').toString();
    }

    /**
     * The beginning of a text, made printable. Files are written by others: no control character of theirs reaches a terminal
     * or a log.
     */
    private static String printable(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().limit(SHOWN).forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT || c == 0x2028 || c == 0x2029) {
                out.append(String.format("\\u%04x", c));
            } else {
                out.appendCodePoint(c);
            }
        });
        return text.codePointCount(0, text.length()) > SHOWN ? out + "..." : out.toString();
    }
}
