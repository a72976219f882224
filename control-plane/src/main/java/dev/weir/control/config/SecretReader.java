package dev.weir.control.config;

import java.nio.file.Path;
import java.util.Optional;

/** What a configuration names and does not hold. Empty = there is no such thing, or it cannot be read. */
public interface SecretReader {
    /** A variable of the environment. */
    Optional<String> variable(String name);

    /** Where a file of that name is; empty = that is no path. */
    Optional<Path> path(String name);

    /** Text of a file that {@link #path} told of, if that is UTF-8 and no longer than {@code maxBytes}. */
    Optional<String> file(Path path, long maxBytes);
}
