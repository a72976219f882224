package dev.weir.control.config;

import java.nio.file.Path;

/** The second source there is: the contract is not that of a directory alone. */
final class MemorySourceTest extends ConfigSourceContract {
    private final MemorySource source = new MemorySource(Path.of("/memory")).variable("SET", "value");

    @Override
    ConfigSource source() {
        return source;
    }

    @Override
    void write(String file, String text) {
        source.text(file, text);
    }

    @Override
    void delete(String file) {
        source.text(file, null);
    }

    @Override
    void writeSecret(String file, String text) {
        source.secret(file, text);
    }
}
