package dev.weir.control.config;

import dev.weir.control.model.Cors;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Reads {@code Mesh.spec.cors}. */
final class CorsReader {
    private static final int MAX = 64;
    private static final String ORIGIN =
            "an origin as browsers send it, lower case, without the scheme's own port, a path or a"
                    + " slash at the end, with at most one *, for instance https://app.example.com, http://localhost:* or *";

    private static final Pattern ORIGIN_FORM =
            Pattern.compile("\\*|null|[a-z][a-z0-9+.-]{0,31}://[a-z0-9.*_-]{1,253}(:[0-9*]{1,5})?"
                    + "|[a-z][a-z0-9+.-]{0,31}://\\[[0-9a-f:]{2,39}\\](:[0-9*]{1,5})?");
    private static final Pattern OWN_PORT = Pattern.compile("https://.*:443|http://.*:80");
    private static final Pattern METHOD = Pattern.compile("[A-Z]{1,20}");
    private static final Pattern HEADER = Pattern.compile("\\*|[a-z0-9!#$%&'+.^_`|~-]{1,128}");

    private CorsReader() {}

    static Cors read(Fields fields) {
        List<String> origins = origins(fields);
        List<String> methods = words(
                fields,
                "methods",
                METHOD,
                "a method in capitals, for instance POST",
                List.of("GET", "HEAD", "POST", "DELETE"));
        List<String> headers =
                words(fields, "headers", HEADER, "a header's name in lower case, or *", List.of("*", "authorization"));
        Duration maxAge =
                fields.duration("maxAge", Duration.ZERO, Duration.ofHours(24)).orElse(Duration.ofMinutes(10));
        fields.end();
        return new Cors(origins, methods, headers, maxAge);
    }

    private static List<String> origins(Fields fields) {
        if (!fields.has("origins")) {
            fields.missing("origins", "a list of origins");
        }
        return checked(
                fields,
                "origins",
                origin -> ORIGIN_FORM.matcher(origin).matches()
                        && origin.indexOf('*') == origin.lastIndexOf('*')
                        && !OWN_PORT.matcher(origin).matches(),
                ORIGIN);
    }

    private static List<String> words(
            Fields fields, String name, Pattern form, String expected, List<String> byDefault) {
        return fields.has(name)
                ? checked(fields, name, word -> form.matcher(word).matches(), expected)
                : byDefault;
    }

    private static List<String> checked(Fields fields, String name, Predicate<String> valid, String expected) {
        List<String> words = fields.words(name, 1, MAX);
        for (int i = 0; i < words.size(); i++) {
            if (!valid.test(words.get(i))) {
                fields.refuse(name + "[" + i + "]", Optional.of(words.get(i)), expected);
            }
        }
        return words;
    }
}
