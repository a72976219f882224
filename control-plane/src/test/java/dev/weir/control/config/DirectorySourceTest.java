package dev.weir.control.config;

import java.time.Duration;
import java.util.Optional;

final class DirectorySourceTest extends ConfigSourceContract {
    private @org.jspecify.annotations.Nullable DirectorySource source;

    @Override
    ConfigSource source() {
        if (source == null) {
            source = new DirectorySource(
                    directory,
                    name -> name.equals("SET") ? Optional.of("value") : Optional.empty(),
                    Duration.ofMillis(5));
        }
        return source;
    }

    @Override
    void write(String file, String text) {
        new ConfigFiles(directory).write(file, text);
    }

    @Override
    void delete(String file) {
        new ConfigFiles(directory).delete(file);
    }

    @Override
    void writeSecret(String file, String text) {
        write(file, text);
    }
}
