package dev.weir.control.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Reads a directory of {@code *.yaml} and {@code *.yml} files into a configuration. Files are untrusted: their number, size,
 * nesting and aliases are limited, everything in them is checked, and what is wrong is said with file, line, path, value
 * and expectation. Any thread.
 */
public final class ConfigLoader {
    private static final Comparator<ConfigProblem> ORDER =
            Comparator.comparing(ConfigProblem::file).thenComparingInt(ConfigProblem::line);

    private final Function<String, Optional<String>> environment;

    /** @param environment environment variables by name, for {@code valueFrom: {env: NAME}} */
    public ConfigLoader(Function<String, Optional<String>> environment) {
        this.environment = environment;
    }

    /** Reads {@code directory} for the first time: good when it has no problem. */
    public LoadedConfig load(Path directory) {
        return load(directory, Map.of());
    }

    /** Reads {@code directory} again: what is refused now stays as it is in {@code inForce}. */
    public LoadedConfig reload(Path directory, LoadedConfig inForce) {
        return load(directory, inForce.objects());
    }

    private LoadedConfig load(Path relative, Map<ObjectKey, ConfigObject> inForce) {
        Path directory = relative.toAbsolutePath().normalize();
        Directory.Listing listing = Directory.read(directory);
        List<ConfigProblem> problems = new ArrayList<>(listing.problems());
        Secrets secrets = new Secrets(directory, environment);
        ObjectReader reader = new ObjectReader(secrets);
        listing.texts().forEach(reader::read);
        problems.addAll(reader.problems());
        Set<String> unclear = new TreeSet<>(listing.unread());
        unclear.addAll(reader.unclear());
        if (problems.isEmpty() && reader.good().isEmpty()) {
            // a volume that is not mounted (yet) looks like this, and must not take every pool away
            problems.add(new ConfigProblem(
                    "",
                    0,
                    "",
                    "",
                    Optional.of("directory"),
                    "at least one object in *.yaml or *.yml files at " + directory));
            unclear.add("");
        }
        Assembly assembly = new Assembly(inForce);
        assembly.assemble(reader.good(), reader.bad(), unclear);
        if (!unclear.contains("")) {
            problems.addAll(assembly.problems());
        }
        problems.sort(ORDER);
        return new LoadedConfig(assembly.objects(), problems, secrets.files());
    }
}
