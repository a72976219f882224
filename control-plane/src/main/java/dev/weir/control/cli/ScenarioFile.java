package dev.weir.control.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.sim.Arrivals;
import dev.weir.sim.Law;
import dev.weir.sim.Scenario;
import dev.weir.sim.Scenario.Abandoned;
import dev.weir.sim.Scenario.Change;
import dev.weir.sim.Scenario.Kind;
import dev.weir.sim.Scenario.Pool;
import dev.weir.sim.Scenario.Provider;
import dev.weir.sim.Scenario.Transport;
import dev.weir.sim.experiment.OwnMesh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** A mesh to be simulated, from YAML; {@code docs/evaluation.md} describes the keys. */
final class ScenarioFile {
    private static final long MOST_BYTES = 1 << 20;
    private static final double MOST_REQUESTS = 1e8;

    private ScenarioFile() {}

    private record Root(
            @Nullable String name,
            @Nullable Double seconds,
            @Nullable Double warmUp,
            @Nullable Double tick,
            @Nullable Integer sidecars,
            @Nullable Sizes sizes,
            @Nullable Double perTryTimeout,
            @Nullable Integer retries,
            @JsonProperty(required = true) List<ProviderNode> providers,
            @JsonProperty(required = true) List<PoolNode> pools,
            @Nullable List<EventNode> events) {}

    private record Sizes(
            @JsonProperty(required = true) String law,
            @Nullable Double cv2) {}

    private record ProviderNode(
            @JsonProperty(required = true) String name,
            @JsonProperty(required = true) int slots,
            @JsonProperty(required = true) double serviceSeconds,
            @Nullable Double declared) {}

    private record PoolNode(
            @JsonProperty(required = true) String name,
            @JsonProperty(required = true) List<String> providers,
            @JsonProperty(required = true) double rate,
            @Nullable BurstNode burst) {}

    private record BurstNode(
            @JsonProperty(required = true) int sources,
            @JsonProperty(required = true) double onSeconds,
            @JsonProperty(required = true) double duty,
            @Nullable Double idleShare) {}

    private record EventNode(
            @JsonProperty(required = true) double at,
            @Nullable String provider,
            @Nullable String pool,
            @Nullable Double speed,
            @Nullable Double rate,
            @Nullable Boolean refuses) {}

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException with path, value and expectation, when it does not describe a mesh
     */
    static OwnMesh read(Path file) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new IllegalArgumentException(file + ": " + Files.size(file) + " bytes (expected: at most 1 MiB)");
        }
        ObjectMapper mapper = new ObjectMapper()
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        options.setMaxAliasesForCollections(50);
        try {
            Object tree = new Yaml(new SafeConstructor(options)).load(Files.readString(file));
            Root root = mapper.treeToValue(mapper.valueToTree(tree), Root.class);
            if (root == null) {
                throw new IllegalArgumentException("nothing in it (expected: providers and pools)");
            }
            return mesh(root, String.valueOf(file.getFileName()));
        } catch (JsonMappingException e) {
            throw new IllegalArgumentException(file + ": " + path(e) + e.getOriginalMessage(), e);
        } catch (YAMLException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    private static String path(JsonMappingException e) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : e.getPath()) {
            path.append(step.getFieldName() != null ? "." + step.getFieldName() : "[" + step.getIndex() + "]");
        }
        return path.isEmpty() ? "" : path.substring(path.charAt(0) == '.' ? 1 : 0) + ": ";
    }

    private static OwnMesh mesh(Root root, String fileName) {
        List<Provider> providers = new ArrayList<>();
        for (ProviderNode node : root.providers()) {
            Provider honest = Provider.honest(node.name(), node.slots(), node.serviceSeconds());
            providers.add(node.declared() == null ? honest : honest.declaring(node.declared()));
        }
        List<String> names =
                unique("providers", providers.stream().map(Provider::name).toList());
        List<Pool> pools = new ArrayList<>();
        for (PoolNode node : root.pools()) {
            List<Integer> members = node.providers().stream()
                    .map(n -> indexOf(names, "pools." + node.name() + ".providers", n))
                    .toList();
            pools.add(new Pool(node.name(), members, node.rate(), arrivals(node.burst())));
        }
        List<String> poolNames = unique("pools", pools.stream().map(Pool::name).toList());
        List<Change> changes = new ArrayList<>();
        List<EventNode> events = root.events() == null ? List.of() : root.events();
        IntStream.range(0, events.size())
                .forEach(i -> changes.add(change(events.get(i), "events[" + i + "]", names, poolNames)));
        changes.sort(Comparator.comparingDouble(Change::atSeconds));
        double perTry = or(root.perTryTimeout(), 0);
        int retries = root.retries() == null ? 1 : root.retries();
        require(perTry >= 0 && perTry <= 3600, "perTryTimeout", perTry, "0 to 3600 seconds; 0 = none");
        require(retries >= 0 && retries <= 10, "retries", retries, "0 to 10");
        Transport plain = Transport.PLAIN;
        Transport transport =
                new Transport(perTry, retries, plain.retrySeconds(), plain.longestWaitSeconds(), Abandoned.WORKED_OFF);
        Scenario scenario = new Scenario(
                root.name() == null ? fileName : root.name(),
                providers,
                pools,
                root.sidecars() == null ? 1 : root.sidecars(),
                law(root.sizes()),
                transport,
                changes);
        double seconds = or(root.seconds(), 300);
        double warmUp = or(root.warmUp(), 10);
        double tick = or(root.tick(), 0.25);
        require(seconds > 0 && seconds <= 1e6, "seconds", seconds, "over 0, at most 1000000");
        require(warmUp >= 0 && warmUp < seconds / 2, "warmUp", warmUp, "0 to half of seconds");
        require(tick >= 0.01 && tick <= 10, "tick", tick, "0.01 to 10 seconds");
        double requests = seconds * pools.stream().mapToDouble(Pool::rate).sum();
        require(requests <= MOST_REQUESTS, "seconds x rates", requests, "at most 100000000 requests");
        return new OwnMesh(scenario, tick, warmUp, seconds);
    }

    private static Arrivals arrivals(@Nullable BurstNode node) {
        return node == null
                ? Arrivals.POISSON
                : new Arrivals.OnOff(node.sources(), node.onSeconds(), node.duty(), or(node.idleShare(), 0));
    }

    private static Law law(@Nullable Sizes sizes) {
        if (sizes == null) {
            return Law.EXPONENTIAL;
        }
        return switch (sizes.law()) {
            case "exponential" -> Law.EXPONENTIAL;
            case "deterministic" -> Law.DETERMINISTIC;
            case "lognormal" -> Law.lognormal(or(sizes.cv2(), 4));
            default -> throw wrong("sizes.law", sizes.law(), "exponential, deterministic or lognormal");
        };
    }

    private static Change change(EventNode node, String path, List<String> providers, List<String> pools) {
        require(node.at() >= 0 && node.at() < 1e6, path + ".at", node.at(), "0 to 1000000 seconds");
        if (node.pool() != null && node.rate() != null && node.provider() == null) {
            require(node.rate() >= 0 && node.rate() <= 1000, path + ".rate", node.rate(), "0 to 1000 times");
            return new Change(node.at(), Kind.RATE, indexOf(pools, path + ".pool", node.pool()), node.rate());
        }
        if (node.provider() != null && node.pool() == null) {
            int provider = indexOf(providers, path + ".provider", node.provider());
            if (node.speed() != null) {
                require(node.speed() >= 0 && node.speed() <= 1000, path + ".speed", node.speed(), "0 to 1000 times");
                return new Change(node.at(), Kind.SPEED, provider, node.speed());
            }
            if (node.refuses() != null) {
                return new Change(node.at(), Kind.REFUSE, provider, node.refuses() ? 1 : 0);
            }
        }
        throw wrong(path, node, "provider with speed or refuses, or pool with rate");
    }

    private static int indexOf(List<String> names, String path, String name) {
        int index = names.indexOf(name);
        require(index >= 0, path, name, "one of " + names);
        return index;
    }

    private static List<String> unique(String path, List<String> names) {
        require(names.stream().distinct().count() == names.size(), path, names, "each name once");
        return names;
    }

    private static double or(@Nullable Double value, double otherwise) {
        return Objects.requireNonNullElse(value, otherwise);
    }

    private static void require(boolean holds, String path, Object value, String expected) {
        if (!holds) {
            throw wrong(path, value, expected);
        }
    }

    private static IllegalArgumentException wrong(String path, Object value, String expected) {
        return new IllegalArgumentException(path + ": \"" + value + "\" (expected: " + expected + ")");
    }
}
