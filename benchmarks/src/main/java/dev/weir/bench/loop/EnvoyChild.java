package dev.weir.bench.loop;

import dev.weir.control.demo.Children;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

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
        return bench.children()
                .start(
                        name,
                        home,
                        List.of(
                                bench.envoy().toString(),
                                "-c",
                                file.toString(),
                                "--concurrency",
                                "1",
                                "--file-flush-interval-msec",
                                "20",
                                "--disable-hot-restart",
                                "--log-level",
                                "warning"));
    }
}
