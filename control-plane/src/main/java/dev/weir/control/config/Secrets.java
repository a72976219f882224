package dev.weir.control.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Reads values that do not stand in the configuration itself: {@code {env: NAME}} or {@code {file: PATH}}. Remembers which
 * files it read, because a change there is a change of the configuration.
 */
final class Secrets {
    private static final Pattern VARIABLE = Pattern.compile("[A-Z_][A-Z0-9_]{0,127}");
    private static final long MAX = 64 << 10;

    private final Path directory;
    private final Function<String, Optional<String>> environment;
    private final Set<Path> files = new TreeSet<>();

    Secrets(Path directory, Function<String, Optional<String>> environment) {
        this.directory = directory;
        this.environment = environment;
    }

    /** Files that were asked for, readable or not. */
    Set<Path> files() {
        return files;
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
                        Optional<String> set = environment.apply(name).filter(text -> !text.isEmpty());
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

    /** Text of a file named by field {@code field}; relative paths start at the configuration's directory. */
    Optional<String> contents(Fields fields, String field, String name, long maxBytes) {
        Path path = path(name).orElse(null);
        if (path == null) {
            fields.refuse(field, Optional.of(name), "a path");
            return Optional.empty();
        }
        files.add(path);
        try {
            if (Files.isRegularFile(path) && Files.size(path) <= maxBytes) {
                return Optional.of(Files.readString(path, StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            // refused below, in the same words as a file that is not there
        }
        fields.refuse(
                field,
                Optional.of(name),
                "a readable text file of at most " + SizeText.write(maxBytes) + " at " + path);
        return Optional.empty();
    }

    Optional<Path> path(String name) {
        try {
            return name.isEmpty()
                    ? Optional.empty()
                    : Optional.of(directory.resolve(name).normalize());
        } catch (java.nio.file.InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> variable(String name) {
        return VARIABLE.matcher(name).matches() ? Optional.of(name) : Optional.empty();
    }
}
