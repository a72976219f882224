package dev.weir.control.testing;

import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Provider;
import java.util.Map;
import java.util.TreeMap;

/** Configurations for tests: pool {@code m} over the named providers, each with 100 work units/s and 4 slots. */
public final class Configs {
    private Configs() {}

    public static Config of(String... providers) {
        return of(Policy.WATER_FILLING, providers);
    }

    public static Config of(Policy policy, String... providers) {
        Map<String, Provider> byName = new TreeMap<>();
        for (String name : providers) {
            byName.put(
                    name,
                    ProviderMaker.provider(name, name + ".example", 80)
                            .declared(100, 4)
                            .make());
        }
        Pool pool = PoolMaker.pool("m", new Match.Model("m"), providers).make();
        Mesh mesh = MeshMaker.mesh("mesh").policy(policy).make();
        return new Config(mesh, byName, Map.of("m", pool));
    }
}
