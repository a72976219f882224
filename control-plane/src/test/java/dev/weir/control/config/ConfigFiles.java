package dev.weir.control.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** A directory of configuration files to write to, and its loader with an environment of its own. */
final class ConfigFiles {
    static final String MESH = """
            apiVersion: weir.dev/v1alpha1
            kind: Mesh
            metadata: {name: m}
            spec: {}
            """;

    final Path directory;
    final DirectorySource source;
    final ConfigLoader loader;

    ConfigFiles(Path directory) {
        this(directory, Map.of());
    }

    ConfigFiles(Path directory, Map<String, String> environment) {
        this.directory = directory;
        this.source = new DirectorySource(directory, name -> Optional.ofNullable(environment.get(name)));
        this.loader = new ConfigLoader(source);
    }

    ConfigFiles write(String file, String text) {
        try {
            Files.writeString(directory.resolve(file), text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ConfigFiles delete(String file) {
        try {
            Files.delete(directory.resolve(file));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    LoadedConfig load() {
        return loader.load();
    }

    static String mesh(String spec) {
        return MESH.replace("spec: {}", "spec: " + spec);
    }

    static String provider(String name, String spec) {
        return object("Provider", name, spec);
    }

    static String provider(String name) {
        return provider(
                name, "{endpoint: {host: 127.0.0.1, port: 9001}, capacity: {workUnitsPerSecond: 20, slots: 1}}");
    }

    static String pool(String name, String spec) {
        return object("ProviderPool", name, spec);
    }

    /** A pool with its name as the model. */
    static String poolOf(String name, String... providers) {
        StringBuilder members = new StringBuilder();
        for (String provider : providers) {
            members.append("{provider: ").append(provider).append("}, ");
        }
        return pool(name, "{match: {model: " + name + "}, providers: [" + members + "]}");
    }

    private static String object(String kind, String name, String spec) {
        return "---\napiVersion: weir.dev/v1alpha1\nkind: " + kind + "\nmetadata: {name: " + name + "}\nspec: " + spec
                + "\n";
    }
}
