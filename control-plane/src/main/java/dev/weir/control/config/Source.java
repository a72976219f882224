package dev.weir.control.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where one object was written: turns a path within it into a {@link ConfigProblem} with its file and line, and keeps secrets out
 * of it.
 */
final class Source {
    private static final String CREDENTIALS = "spec.credentials";

    private final String file;
    private final int line;
    private final List<ConfigProblem> problems;
    private final Map<String, Integer> lines = new HashMap<>();
    private String object = "";

    /** The source of one object; problems found in it are added to {@code problems}. */
    Source(String file, int line, List<ConfigProblem> problems) {
        this.file = file;
        this.line = line;
        this.problems = problems;
    }

    String file() {
        return file;
    }

    int line() {
        return line;
    }

    void named(ObjectKey key) {
        object = key.toString();
    }

    /** Remembers where a field was written, for checks that come later. */
    void seen(String path, int at) {
        lines.put(path, at);
    }

    void refuse(String path, Optional<String> value, String expected) {
        problems.add(problem(path, value, expected));
    }

    ConfigProblem problem(String path, Optional<String> value, String expected) {
        return new ConfigProblem(
                file, lineOf(path), object, path, secret(path) ? value.map(v -> "***") : value, expected);
    }

    /**
     * Whether a field's text may be a secret: whatever is written under the credentials may be the secret itself, put into the
     * wrong field.
     */
    static boolean secret(String path) {
        return path.equals(CREDENTIALS) || path.startsWith(CREDENTIALS + ".");
    }

    /** The field's own line, else that of the nearest field around it. */
    private int lineOf(String path) {
        for (String at = path; !at.isEmpty(); at = at.substring(0, Math.max(0, at.lastIndexOf('.')))) {
            Integer known = lines.get(at);
            if (known != null) {
                return known;
            }
        }
        return line;
    }
}
