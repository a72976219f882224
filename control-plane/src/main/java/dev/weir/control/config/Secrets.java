package dev.weir.control.config;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads values that do not stand in the configuration itself: {@code {env: NAME}} or {@code {file: PATH}}. */
final class Secrets {
    private static final Pattern VARIABLE = Pattern.compile("[A-Z_][A-Z0-9_]{0,127}");
    private static final long MAX = 64 << 10;

    private final SecretReader reader;

    Secrets(SecretReader reader) {
        this.reader = reader;
    }

    /** The value that {@code from} points to, without its last line break. */
    Optional<String> read(Fields from) {
        boolean env = from.has("env");
        boolean file = from.has("file");
        Optional<String> value = Optional.empty();
        if (env == file) {
            from.refuse("", Optional.empty(), "exactly one of env and file");
        } else if (env) {
            value = from.text("env", "the name of an environment variable, upper case", Secrets::variable)
                    .flatMap(name -> {
                        Optional<String> set = reader.variable(name).filter(text -> !text.isEmpty());
                        if (set.isEmpty()) {
                            from.refuse("env", Optional.of(name), "environment variable " + name + " to be set");
                        }
                        return set;
                    });
        } else {
            value = from.text("file").flatMap(name -> contents(from, "file", name, MAX));
        }
        from.end();
        return value.map(String::stripTrailing);
    }

    /** Text of a file named by field {@code field}. */
    Optional<String> contents(Fields fields, String field, String name, long maxBytes) {
        Path path = path(name).orElse(null);
        if (path == null) {
            fields.refuse(field, Optional.of(name), "a path");
            return Optional.empty();
        }
        Optional<String> text = reader.file(path, maxBytes);
        if (text.isEmpty()) {
            fields.refuse(
                    field,
                    Optional.of(name),
                    "a readable text file of at most " + SizeText.write(maxBytes) + " at " + path);
        }
        return text;
    }

    Optional<Path> path(String name) {
        return reader.path(name);
    }

    private static Optional<String> variable(String name) {
        return VARIABLE.matcher(name).matches() ? Optional.of(name) : Optional.empty();
    }
}
