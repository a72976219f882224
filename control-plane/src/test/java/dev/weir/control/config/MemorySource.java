package dev.weir.control.config;

import dev.weir.control.threads.Guarded;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A configuration that stands nowhere but here. Whoever changes it tells of the change too, before he goes on. */
public final class MemorySource implements ConfigSource, SecretReader {
    private final Path directory;
    private final Map<String, String> texts = new TreeMap<>();
    private final Map<Path, String> files = new HashMap<>();
    private final Map<String, String> variables = new HashMap<>();
    private @Nullable Runnable changed;
    private boolean stale;

    /** @param directory where relative paths start */
    public MemorySource(Path directory) {
        this.directory = directory;
    }

    public synchronized MemorySource text(String name, @Nullable String text) {
        return put(texts, name, text);
    }

    synchronized MemorySource secret(String name, @Nullable String text) {
        return put(files, path(name).orElseThrow(), text);
    }

    synchronized MemorySource variable(String name, String value) {
        variables.put(name, value);
        return this;
    }

    private <K> MemorySource put(Map<K, String> map, K key, @Nullable String value) {
        if (value == null) {
            map.remove(key);
        } else {
            map.put(key, value);
        }
        stale = true;
        tell();
        return this;
    }

    private void tell() {
        if (changed != null) {
            new Guarded("a change", changed).run();
        }
    }

    @Override
    public synchronized Listing read() {
        stale = false;
        ConfigProblem none = new ConfigProblem("", 0, "", "", Optional.of("memory"), "at least one object");
        return new Listing(Map.copyOf(texts), List.of(), List.of(), none, this);
    }

    @Override
    public synchronized AutoCloseable watch(Runnable listener) {
        changed = listener;
        if (stale) {
            tell();
        }
        return this::unwatch;
    }

    private synchronized void unwatch() {
        changed = null;
    }

    @Override
    public synchronized Optional<String> variable(String name) {
        return Optional.ofNullable(variables.get(name));
    }

    @Override
    public Optional<Path> path(String name) {
        return name.isEmpty() || name.indexOf('\0') >= 0 ? Optional.empty() : Optional.of(directory.resolve(name));
    }

    @Override
    public synchronized Optional<String> file(Path path, long maxBytes) {
        return Optional.ofNullable(files.get(path)).filter(text -> text.length() <= maxBytes);
    }
}
