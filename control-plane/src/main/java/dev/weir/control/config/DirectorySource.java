package dev.weir.control.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** The {@code *.yaml} and {@code *.yml} files of one directory. */
public final class DirectorySource implements ConfigSource {
    private static final Duration PERIOD = Duration.ofMillis(500);

    private final Path directory;
    private final Function<String, Optional<String>> environment;
    private final Duration period;
    private volatile DirectorySecrets asked;

    /** @param environment variables by name, for {@code valueFrom: {env: NAME}} */
    public DirectorySource(Path directory, Function<String, Optional<String>> environment) {
        this(directory, environment, PERIOD);
    }

    DirectorySource(Path directory, Function<String, Optional<String>> environment, Duration period) {
        this.directory = directory.toAbsolutePath().normalize();
        this.environment = environment;
        this.period = period;
        asked = new DirectorySecrets(this.directory, environment);
    }

    @Override
    public Listing read() {
        asked = new DirectorySecrets(directory, environment);
        return Directory.read(directory, asked);
    }

    @Override
    public DirectoryWatch watch(Runnable changed) {
        DirectoryWatch watch = watching(changed);
        watch.start(period);
        return watch;
    }

    /** A watch that looks only when it is told to. */
    DirectoryWatch watching(Runnable changed) {
        return new DirectoryWatch(directory, () -> asked.files(), changed);
    }
}
