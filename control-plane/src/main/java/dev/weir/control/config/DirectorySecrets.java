package dev.weir.control.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Function;

/**
 * Variables of an environment and files; relative paths start at the configuration's directory. Remembers which files were
 * asked for, because a change there is a change of the configuration.
 */
final class DirectorySecrets implements SecretReader {
    private final Path directory;
    private final Function<String, Optional<String>> environment;
    private final Set<Path> files = new ConcurrentSkipListSet<>();

    DirectorySecrets(Path directory, Function<String, Optional<String>> environment) {
        this.directory = directory;
        this.environment = environment;
    }

    /** Files that were asked for, readable or not, sorted. */
    Set<Path> files() {
        return files;
    }

    @Override
    public Optional<String> variable(String name) {
        return environment.apply(name);
    }

    @Override
    public Optional<Path> path(String name) {
        try {
            return name.isEmpty()
                    ? Optional.empty()
                    : Optional.of(directory.resolve(name).normalize());
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    @Override
    public Optional<String> file(Path path, long maxBytes) {
        files.add(path);
        try {
            return Files.isRegularFile(path) && Files.size(path) <= maxBytes
                    ? Optional.of(Files.readString(path, StandardCharsets.UTF_8))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // refused in the same words as a file that is not there
        }
    }
}
