package dev.weir.control.config;

import com.google.errorprone.annotations.ThreadSafe;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads what a source lists into a configuration. Its texts are untrusted: their number, size, nesting and aliases are
 * limited, everything in them is checked, and what is wrong is said with file, line, path, value and expectation.
 */
@ThreadSafe
public final class ConfigLoader {
    private static final Comparator<ConfigProblem> ORDER =
            Comparator.comparing(ConfigProblem::file).thenComparingInt(ConfigProblem::line);

    private final ConfigSource source;

    public ConfigLoader(ConfigSource source) {
        this.source = source;
    }

    /** Reads for the first time: good when it has no problem. */
    public LoadedConfig load() {
        return load(Map.of());
    }

    /** Reads again: what is refused now stays as it is in {@code inForce}. */
    public LoadedConfig reload(LoadedConfig inForce) {
        return load(inForce.objects());
    }

    private LoadedConfig load(Map<ObjectKey, ConfigObject> inForce) {
        ConfigSource.Listing listing = source.read();
        List<ConfigProblem> problems = new ArrayList<>(listing.problems());
        ObjectReader reader = new ObjectReader(new Secrets(listing.secrets()));
        listing.texts().forEach(reader::read);
        problems.addAll(reader.problems());
        Set<String> unclear = new TreeSet<>(listing.unread());
        unclear.addAll(reader.unclear());
        if (problems.isEmpty() && reader.good().isEmpty()) {
            // a volume that is not mounted (yet) looks like this, and must not take every pool away
            problems.add(listing.none());
            unclear.add("");
        }
        Assembly assembly = new Assembly(inForce);
        assembly.assemble(reader.good(), reader.bad(), unclear);
        if (!unclear.contains("")) {
            problems.addAll(assembly.problems());
        }
        problems.sort(ORDER);
        return new LoadedConfig(assembly.objects(), problems);
    }
}
