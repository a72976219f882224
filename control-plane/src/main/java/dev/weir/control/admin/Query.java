package dev.weir.control.admin;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A request's query, of which every parameter is known. */
final class Query {
    private static final int MAX = 1000;

    private final Map<String, String> values;

    private Query(Map<String, String> values) {
        this.values = values;
    }

    /**
     * @param raw as it came, null = none
     * @param known parameters that the path takes
     */
    static Query parse(@Nullable String raw, String... known) throws BadRequest {
        Map<String, String> values = new TreeMap<>();
        if (raw == null || raw.isEmpty()) {
            return new Query(values);
        }
        if (raw.length() > MAX) {
            throw BadRequest.parameter("query", raw, "at most " + MAX + " characters");
        }
        List<String> names = Arrays.asList(known);
        for (String pair : raw.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
            String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
            if (!names.contains(name)) {
                throw BadRequest.parameter(
                        name, value, names.isEmpty() ? "no parameter" : "only " + String.join(", ", names));
            }
            if (values.putIfAbsent(name, value) != null) {
                throw BadRequest.parameter(name, value, "each parameter once");
            }
        }
        return new Query(values);
    }

    Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name));
    }

    long number(String name, long min, long max, long fallback) throws BadRequest {
        String value = values.get(name);
        if (value == null) {
            return fallback;
        }
        try {
            long number = Long.parseLong(value);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below, with what was expected
        }
        throw BadRequest.parameter(name, value, "a whole number from " + min + " to " + max);
    }

    private static String decoded(String text) throws BadRequest {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw BadRequest.parameter("query", text, "percent-encoded UTF-8");
        }
    }
}
