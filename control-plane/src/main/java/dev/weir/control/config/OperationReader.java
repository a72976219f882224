package dev.weir.control.config;

import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Pool.Operation;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code ProviderPool.spec.operations}. */
final class OperationReader {
    private static final int MAX = 64;
    private static final String EXPECTED =
            "METHOD /path, for instance POST /v1/files or GET /v1/files/*/content: * is one segment, /** at the end any rest";
    /** A path of segments of plain characters: no path may be read as another one. */
    private static final Pattern OPERATION = Pattern.compile(
            "(GET|HEAD|POST|PUT|PATCH|DELETE) ((?:/(?!\\.\\.?(?:/|$))(?:[A-Za-z0-9._~:@-]{1,128}|\\*(?!\\*))){1,16}(?:/\\*\\*)?|/\\*\\*)");

    private OperationReader() {}

    /** Empty where the pool lists none; those of a pool that takes a path prefix must lie behind it. */
    static List<Operation> read(Fields spec, Optional<Match> match) {
        List<String> written = spec.words("operations", 1, MAX);
        Set<Operation> seen = new LinkedHashSet<>();
        for (int i = 0; i < written.size(); i++) {
            Optional<Operation> parsed = parse(written.get(i));
            if (parsed.isEmpty()) {
                spec.refuse("operations[" + i + "]", Optional.of(written.get(i)), EXPECTED);
                continue;
            }
            Operation operation = parsed.get();
            if (!seen.add(operation)) {
                spec.refuse("operations", Optional.of(operation.toString()), "each operation once");
            }
            if (match.isPresent()
                    && match.get() instanceof Match.PathPrefix path
                    && !lies(operation.path(), path.prefix())) {
                spec.refuse(
                        "operations", Optional.of(operation.toString()), "a path behind pathPrefix " + path.prefix());
            }
        }
        return List.copyOf(seen);
    }

    private static Optional<Operation> parse(String text) {
        Matcher found = OPERATION.matcher(text);
        return found.matches() ? Optional.of(new Operation(found.group(1), found.group(2))) : Optional.empty();
    }

    private static boolean lies(String path, String prefix) {
        String whole = prefix.endsWith("/") ? prefix : prefix + "/";
        return (path + "/").startsWith(whole);
    }
}
