package dev.weir.control.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where figures come from.
 *
 * @param processor its name, number of processors included
 * @param java the JVM
 * @param commit of the project's sources, "unknown" when the launcher could not tell
 */
public record Machine(String processor, String java, String commit) {
    public static Machine here() {
        String commit = System.getenv("WEIR_COMMIT");
        return new Machine(
                Runtime.getRuntime().availableProcessors() + " x " + model(),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                commit == null || commit.isEmpty() ? "unknown" : commit);
    }

    /** The machine in one line. */
    public String line() {
        return processor + ", " + java + ", commit " + commit;
    }

    private static String model() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            // not Linux: the architecture has to do
            return System.getProperty("os.arch");
        }
    }
}
