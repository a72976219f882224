package dev.weir.control.config;

import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Provider;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a source says, and what in it was refused. Immutable. */
public final class LoadedConfig {
    private final Optional<Config> config;
    private final List<ConfigProblem> problems;
    private final Map<ObjectKey, ConfigObject> objects;

    LoadedConfig(Map<ObjectKey, ConfigObject> objects, List<ConfigProblem> problems) {
        this.objects = Map.copyOf(objects);
        this.problems = List.copyOf(problems);
        this.config = config(objects);
    }

    /**
     * The objects that are right, as one configuration; empty when there is no right {@code Mesh}. A first load is good
     * only when there are no {@link #problems} either; after a reload, refused objects are here as they were before.
     */
    public Optional<Config> config() {
        return config;
    }

    /** What was refused, in the order of the files. */
    public List<ConfigProblem> problems() {
        return problems;
    }

    Map<ObjectKey, ConfigObject> objects() {
        return objects;
    }

    private static Optional<Config> config(Map<ObjectKey, ConfigObject> objects) {
        Map<String, Provider> providers = new TreeMap<>();
        Map<String, Pool> pools = new TreeMap<>();
        Mesh mesh = null;
        for (ConfigObject object : objects.values()) {
            if (object.value() instanceof Provider provider) {
                providers.put(provider.name(), provider);
            } else if (object.value() instanceof Pool pool) {
                pools.put(pool.name(), pool);
            } else if (object.value() instanceof Mesh found) {
                mesh = found;
            }
        }
        return mesh == null ? Optional.empty() : Optional.of(new Config(mesh, providers, pools));
    }
}
