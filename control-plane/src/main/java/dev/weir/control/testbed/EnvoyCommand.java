package dev.weir.control.testbed;

import java.nio.file.Path;
import java.util.List;

/** How our sidecars run: one worker, and an access log that a killed one loses 20 ms of at most. */
public final class EnvoyCommand {
    private EnvoyCommand() {}

    /** Program and arguments. */
    public static List<String> of(Path envoy, Path bootstrap) {
        return List.of(
                envoy.toString(),
                "-c",
                bootstrap.toString(),
                "--concurrency",
                "1",
                "--file-flush-interval-msec",
                "20",
                "--disable-hot-restart",
                "--log-level",
                "warning",
                // filters that are work in progress, at each start: docs/security.md says what that means
                "--component-log-level",
                "misc:error");
    }
}
