package dev.weir.control.model;

import java.util.Map;

/**
 * The whole configuration, validated: every reference resolves, every number is in its range.
 *
 * @param mesh the one mesh
 * @param providers by name, sorted by name
 * @param pools by name, sorted by name
 */
public record Config(Mesh mesh, Map<String, Provider> providers, Map<String, Pool> pools) {
    public Config {
        providers = java.util.Collections.unmodifiableMap(new java.util.TreeMap<>(providers));
        pools = java.util.Collections.unmodifiableMap(new java.util.TreeMap<>(pools));
    }
}
