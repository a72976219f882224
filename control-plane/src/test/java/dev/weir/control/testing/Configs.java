package dev.weir.control.testing;

import dev.weir.control.model.Admission;
import dev.weir.control.model.CapacitySource;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Pool.Member;
import dev.weir.control.model.Provider;
import dev.weir.control.model.Provider.Capacity;
import dev.weir.control.model.Retries;
import dev.weir.control.model.Store;
import dev.weir.control.model.Work;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
                    new Provider(
                            name,
                            name + ".example",
                            80,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.of(new Capacity(100, 4))));
        }
        List<Member> members = Arrays.stream(providers)
                .map(p -> new Member(p, Optional.empty(), false))
                .toList();
        Pool pool = new Pool(
                "m",
                new Match.Model("m"),
                members,
                100,
                new Work.PerRequest(),
                Retries.of(1, new Match.Model("m")),
                Optional.empty(),
                Duration.ofSeconds(60),
                Duration.ofSeconds(600),
                Optional.empty(),
                new Admission.Mesh());
        Mesh mesh = new Mesh(
                "mesh",
                new InetSocketAddress("127.0.0.1", 0),
                new InetSocketAddress("127.0.0.1", 0),
                new Store(Path.of("weir.db"), 0, Store.KEEP, Optional.empty(), Optional.empty()),
                policy,
                Duration.ofMillis(250),
                Duration.ofMillis(250),
                new CapacitySource.File(),
                8 << 20,
                0.9,
                Duration.ofSeconds(40),
                Duration.ofSeconds(5),
                true,
                Optional.empty());
        return new Config(mesh, byName, Map.of("m", pool));
    }
}
