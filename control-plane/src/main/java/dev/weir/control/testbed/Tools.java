package dev.weir.control.testbed;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Programs that run beside this one.
 *
 * @param envoy Envoy 1.40.0
 * @param anvil anvil 1.7.1
 */
public record Tools(Path envoy, Path anvil) {
    public static Tools of(Map<String, String> environment) {
        return new Tools(envoy(environment), tool(environment, "WEIR_ANVIL", "an anvil 1.7.1 binary"));
    }

    /** The sidecar's program alone. */
    public static Path envoy(Map<String, String> environment) {
        return tool(environment, "WEIR_ENVOY", "an Envoy 1.40.0 binary");
    }

    private static Path tool(Map<String, String> environment, String variable, String what) {
        String value = environment.getOrDefault(variable, "");
        Path path = Path.of(value);
        if (value.isEmpty() || !Files.isExecutable(path)) {
            throw new TestbedFailure(variable + ": " + (value.isEmpty() ? "not set" : "\"" + value + "\"")
                    + " (expected: the path of " + what + "; the launcher ./weir installs and sets it)");
        }
        return path;
    }
}
