package dev.weir.bench.loop;

import dev.weir.control.testbed.Children;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An Envoy in a process of its own, one worker, as our sidecars run. */
final class EnvoyChild {
    private EnvoyChild() {}

    /** @param home its working directory, made here */
    static Children.Child start(Bench bench, String name, Path home, String bootstrap) {
        Path file = home.resolve("bootstrap.yaml");
        try {
            Files.createDirectories(home);
            Files.writeString(file, bootstrap);
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
        return bench.children().startEnvoy(name, home, bench.envoy(), file);
    }
}
