package dev.weir.control.config;

import java.util.function.Consumer;

/** A configuration as a running control plane gets it: as it was read at first, and then what becomes of it. */
public final class ConfigFeed {
    private final ConfigSource source;
    private final ConfigLoader loader;
    private final LoadedConfig first;
    /** Belongs to the watch's thread. */
    private LoadedConfig inForce;

    /** Reads for the first time. */
    public ConfigFeed(ConfigSource source) {
        this.source = source;
        loader = new ConfigLoader(source);
        first = loader.load();
        inForce = first;
    }

    /** What was read when this was made: good when it has no problem. */
    public LoadedConfig first() {
        return first;
    }

    /**
     * Reads again whenever something changed. To be called once.
     *
     * @param listener told by the source's thread when the configuration or its problems are others than before
     */
    public AutoCloseable watch(Consumer<LoadedConfig> listener) {
        return source.watch(() -> reload(listener));
    }

    private void reload(Consumer<LoadedConfig> listener) {
        LoadedConfig next = loader.reload(inForce);
        boolean same = next.config().equals(inForce.config()) && next.problems().equals(inForce.problems());
        inForce = next;
        if (!same) {
            listener.accept(next);
        }
    }
}
