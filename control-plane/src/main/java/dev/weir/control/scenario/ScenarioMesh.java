package dev.weir.control.scenario;

import dev.weir.control.scenario.ScenarioNodes.BurstNode;
import dev.weir.control.scenario.ScenarioNodes.EventNode;
import dev.weir.control.scenario.ScenarioNodes.PoolNode;
import dev.weir.control.scenario.ScenarioNodes.ProviderNode;
import dev.weir.control.scenario.ScenarioNodes.Root;
import dev.weir.control.scenario.ScenarioNodes.Sizes;
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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A scenario file's objects as a mesh, each within its limits. */
final class ScenarioMesh {
    private static final int MAX_PROVIDERS = 1000;
    private static final int MAX_POOLS = 100;
    private static final int MAX_EVENTS = 1000;
    private static final int MAX_SLOTS = 100_000;
    private static final int MAX_NAME = 63;
    private static final double MAX_REQUESTS = 5e7;
    private static final double MAX_RATE = 1e6;
    private static final double MAX_SECONDS = 1e6;

    private ScenarioMesh() {}

    /** Throws {@link IllegalArgumentException} with path, value and expectation. */
    static OwnMesh of(Root root, String fileName) {
        double seconds = or(root.seconds(), 300);
        Expect.that(seconds > 0 && seconds <= MAX_SECONDS, "seconds", seconds, "over 0, at most 1000000");
        double warmUp = or(root.warmUp(), Math.min(10, seconds / 10));
        Expect.that(warmUp >= 0 && warmUp < seconds / 2, "warmUp", warmUp, "0 to half of seconds");
        double tick = Expect.between(0.01, 10, "tick", or(root.tick(), 0.25), " seconds");
        List<Provider> providers = providers(listed("providers", root.providers()));
        List<String> names = providers.stream().map(Provider::name).toList();
        List<Pool> pools = pools(listed("pools", root.pools()), names);
        List<String> poolNames = pools.stream().map(Pool::name).toList();
        Scenario scenario = new Scenario(
                root.name() == null ? fileName : name("name", root.name()),
                providers,
                pools,
                Expect.between(1, 4096, "sidecars", Objects.requireNonNullElse(root.sidecars(), 1)),
                law(root.sizes(), "sizes"),
                transport(root),
                changes(root.events() == null ? List.of() : root.events(), names, poolNames));
        double requests = seconds * pools.stream().mapToDouble(Pool::rate).sum();
        Expect.that(requests <= MAX_REQUESTS, "seconds x rates", requests, "at most 50000000 requests");
        return new OwnMesh(scenario, tick, warmUp, seconds);
    }

    private static List<Provider> providers(List<ProviderNode> nodes) {
        Expect.between(1, MAX_PROVIDERS, "providers (how many)", nodes.size());
        List<Provider> providers = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            ProviderNode node = nodes.get(i);
            String path = "providers[" + i + "]";
            Expect.that(node != null, path, "", "an object");
            int slots = Expect.between(1, MAX_SLOTS, path + ".slots", node.slots());
            double service =
                    Expect.between(1e-6, MAX_SECONDS, path + ".serviceSeconds", node.serviceSeconds(), " seconds");
            Provider provider = Provider.honest(name(path + ".name", node.name()), slots, service);
            if (node.declared() != null) {
                provider = provider.declaring(
                        Expect.between(0, 1e9, path + ".declared", node.declared(), " requests per second"));
            }
            providers.add(node.sizes() == null ? provider : provider.varying(law(node.sizes(), path + ".sizes")));
        }
        once("providers", providers.stream().map(Provider::name).toList());
        return providers;
    }

    private static List<Pool> pools(List<PoolNode> nodes, List<String> providers) {
        Expect.between(1, MAX_POOLS, "pools (how many)", nodes.size());
        List<Pool> pools = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            PoolNode node = nodes.get(i);
            String path = "pools[" + i + "]";
            Expect.that(node != null, path, "", "an object");
            List<Integer> members = new ArrayList<>();
            List<String> listed = listed(path + ".providers", node.providers());
            for (int m = 0; m < listed.size(); m++) {
                members.add(Expect.indexOf(providers, path + ".providers[" + m + "]", listed.get(m)));
            }
            Expect.that(!members.isEmpty(), path + ".providers", "[]", "at least one");
            once(path + ".providers", listed);
            double rate = Expect.between(0, MAX_RATE, path + ".rate", node.rate(), " requests per second");
            pools.add(new Pool(
                    name(path + ".name", node.name()), members, rate, arrivals(node.burst(), path + ".burst")));
        }
        once("pools", pools.stream().map(Pool::name).toList());
        return pools;
    }

    /** A key may be there, and nothing behind it. */
    private static <T> List<T> listed(String path, @Nullable List<T> list) {
        if (list == null) {
            throw Expect.wrong(path, "", "a list");
        }
        return list;
    }

    private static Arrivals arrivals(@Nullable BurstNode node, String path) {
        if (node == null) {
            return Arrivals.POISSON;
        }
        Expect.between(1, 10_000, path + ".sources", node.sources());
        Expect.between(0.001, MAX_SECONDS, path + ".onSeconds", node.onSeconds(), " seconds");
        Expect.between(0.001, 1, path + ".duty", node.duty(), "");
        double idle = Expect.between(0, 1, path + ".idleShare", or(node.idleShare(), 0), "");
        return new Arrivals.OnOff(node.sources(), node.onSeconds(), node.duty(), idle);
    }

    private static Law law(@Nullable Sizes sizes, String path) {
        if (sizes == null) {
            return Law.EXPONENTIAL;
        }
        String law = String.valueOf(sizes.law());
        return switch (law) {
            case "exponential" -> without(sizes, path, Law.EXPONENTIAL);
            case "deterministic" -> without(sizes, path, Law.DETERMINISTIC);
            case "lognormal" -> Law.lognormal(Expect.between(0.001, 10_000, path + ".cv2", or(sizes.cv2(), 4), ""));
            default -> throw Expect.wrong(path + ".law", law, "exponential, deterministic or lognormal");
        };
    }

    private static Law without(Sizes sizes, String path, Law law) {
        Double cv2 = sizes.cv2();
        Expect.that(cv2 == null, path + ".cv2", String.valueOf(cv2), "nothing beside " + sizes.law());
        return law;
    }

    private static Transport transport(Root root) {
        double perTry = Expect.between(0, 3600, "perTryTimeout", or(root.perTryTimeout(), 0), " seconds; 0 = none");
        int retries = Expect.between(0, 10, "retries", Objects.requireNonNullElse(root.retries(), 1));
        Transport plain = Transport.PLAIN;
        return new Transport(perTry, retries, plain.retrySeconds(), plain.longestWaitSeconds(), Abandoned.WORKED_OFF);
    }

    private static List<Change> changes(List<EventNode> nodes, List<String> providers, List<String> pools) {
        Expect.between(0, MAX_EVENTS, "events (how many)", nodes.size());
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            Expect.that(nodes.get(i) != null, "events[" + i + "]", "", "an object");
            changes.add(change(nodes.get(i), "events[" + i + "]", providers, pools));
        }
        changes.sort(Comparator.comparingDouble(Change::atSeconds));
        return changes;
    }

    private static Change change(EventNode node, String path, List<String> providers, List<String> pools) {
        double at = Expect.between(0, MAX_SECONDS, path + ".at", node.at(), " seconds");
        int said = (node.speed() == null ? 0 : 1)
                + (node.rate() == null ? 0 : 1)
                + (node.refuses() == null ? 0 : 1)
                + (node.loses() == null ? 0 : 1);
        if (said == 1 && node.pool() != null && node.provider() == null && node.rate() != null) {
            double rate = Expect.between(0, 1000, path + ".rate", node.rate(), " times");
            return new Change(at, Kind.RATE, Expect.indexOf(pools, path + ".pool", node.pool()), rate);
        }
        if (said == 1 && node.provider() != null && node.pool() == null && node.rate() == null) {
            int provider = Expect.indexOf(providers, path + ".provider", node.provider());
            if (node.speed() != null) {
                double speed = Expect.between(0, 1000, path + ".speed", node.speed(), " times");
                return new Change(at, Kind.SPEED, provider, speed);
            }
            if (Boolean.TRUE.equals(node.loses())) {
                return new Change(at, Kind.LOSE, provider, 0);
            }
            if (node.refuses() != null) {
                return new Change(at, Kind.REFUSE, provider, node.refuses() ? 1 : 0);
            }
        }
        throw Expect.wrong(
                path, "at " + node.at(), "provider with one of speed, refuses and loses: true, or pool with rate");
    }

    private static String name(String path, @Nullable String name) {
        String text = String.valueOf(name);
        Expect.that(
                name != null
                        && !text.isBlank()
                        && text.length() <= MAX_NAME
                        && text.chars().noneMatch(Character::isISOControl),
                path,
                text,
                "1 to " + MAX_NAME + " characters");
        return text;
    }

    private static void once(String path, List<String> names) {
        Expect.that(names.stream().distinct().count() == names.size(), path, names, "each name once");
    }

    private static double or(@Nullable Double value, double otherwise) {
        return Objects.requireNonNullElse(value, otherwise);
    }
}
