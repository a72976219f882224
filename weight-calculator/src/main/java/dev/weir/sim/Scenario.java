package dev.weir.sim;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A mesh and what happens to it. Providers, pools and sidecars are numbered in the order given.
 *
 * @param name for tables
 * @param providers those that serve
 * @param pools classes of requests
 * @param sidecars consumer sidecars; each request comes to one of them at random, {@code >= 1}
 * @param law how job sizes vary
 * @param transport time-outs and retries
 * @param changes what happens on the way, in order of time
 */
public record Scenario(
        String name,
        List<Provider> providers,
        List<Pool> pools,
        int sidecars,
        Law law,
        Transport transport,
        List<Change> changes) {
    public Scenario {
        providers = List.copyOf(providers);
        pools = List.copyOf(pools);
        changes = List.copyOf(changes);
        require(!providers.isEmpty(), "providers", providers.size(), "at least one");
        require(!pools.isEmpty(), "pools", pools.size(), "at least one");
        require(sidecars >= 1 && sidecars <= 4096, "sidecars", sidecars, "1 to 4096");
        for (Pool pool : pools) {
            for (int member : pool.members()) {
                require(member >= 0 && member < providers.size(), "member", member, "the number of a provider");
            }
        }
    }

    /**
     * A FIFO queue in front of slots.
     *
     * @param slots requests served at once, {@code >= 1}
     * @param serviceSeconds mean service time of a job of size 1
     * @param declaredCapacity requests per second that it claims
     * @param law how its service times vary; null = as the scenario's job sizes
     */
    public record Provider(
            String name,
            int slots,
            double serviceSeconds,
            double declaredCapacity,
            @Nullable Law law) {
        public Provider {
            require(slots >= 1, "slots", slots, "at least 1");
            require(serviceSeconds > 0 && serviceSeconds < 1e6, "serviceSeconds", serviceSeconds, "over 0");
            require(declaredCapacity >= 0 && declaredCapacity < 1e9, "declaredCapacity", declaredCapacity, "0 to 1e9");
        }

        /** A provider that declares what it can do. */
        public static Provider honest(String name, int slots, double serviceSeconds) {
            return new Provider(name, slots, serviceSeconds, slots / serviceSeconds, null);
        }

        /** What it can do: requests per second with all slots busy. */
        public double capacity() {
            return slots / serviceSeconds;
        }

        /** The same provider with another claim. */
        public Provider declaring(double capacity) {
            return new Provider(name, slots, serviceSeconds, capacity, law);
        }

        /** The same provider with service times that vary in a way of their own. */
        public Provider varying(Law own) {
            return new Provider(name, slots, serviceSeconds, declaredCapacity, own);
        }
    }

    /**
     * A class of requests.
     *
     * @param members numbers of the providers that may serve it
     * @param rate mean requests per second
     * @param arrivals how they come
     */
    public record Pool(String name, List<Integer> members, double rate, Arrivals arrivals) {
        public Pool {
            members = List.copyOf(members);
            require(!members.isEmpty(), "members", members.size(), "at least one");
            require(rate >= 0 && rate < 1e9, "rate", rate, "0 to 1e9 requests per second");
        }
    }

    /**
     * What happens to an attempt that takes too long or is refused.
     *
     * @param perTrySeconds an attempt is given up after this; 0 = never
     * @param retries further attempts after the first
     * @param retrySeconds from a refusal to the next attempt's arrival
     * @param longestWaitSeconds attempts are refused when {@code N >= s + mu * this}; infinite = never
     * @param abandoned what a provider does with an attempt whose caller has gone
     */
    public record Transport(
            double perTrySeconds, int retries, double retrySeconds, double longestWaitSeconds, Abandoned abandoned) {
        public static final Transport PLAIN =
                new Transport(0, 1, 0.002, Double.POSITIVE_INFINITY, Abandoned.WORKED_OFF);

        public Transport withRetries(int count) {
            return new Transport(perTrySeconds, count, retrySeconds, longestWaitSeconds, abandoned);
        }

        public Transport withPerTry(double seconds) {
            return new Transport(seconds, retries, retrySeconds, longestWaitSeconds, abandoned);
        }

        public Transport withLongestWait(double seconds) {
            return new Transport(perTrySeconds, retries, retrySeconds, seconds, abandoned);
        }
    }

    /** The fate of work that nobody waits for. */
    public enum Abandoned {
        /** served all the same */
        WORKED_OFF,
        /** dropped at once */
        CANCELLED
    }

    /** Kinds of change. */
    public enum Kind {
        /** provider {@code target} runs at {@code value} times its speed; 0 = stalls */
        SPEED,
        /** provider {@code target} forgets all it holds; nobody is told */
        LOSE,
        /** provider {@code target} refuses everything ({@code value} 1) or no longer (0) */
        REFUSE,
        /** pool {@code target} has {@code value} times its rate */
        RATE
    }

    /**
     * @param atSeconds when
     * @param target number of the provider or pool
     */
    public record Change(double atSeconds, Kind kind, int target, double value) {}

    /** True capacity of all providers, requests per second. */
    public double capacity() {
        return providers.stream().mapToDouble(Provider::capacity).sum();
    }

    public Scenario withLaw(Law other) {
        return new Scenario(name, providers, pools, sidecars, other, transport, changes);
    }

    public Scenario withTransport(Transport other) {
        return new Scenario(name, providers, pools, sidecars, law, other, changes);
    }

    public Scenario withChanges(List<Change> other) {
        return new Scenario(name, providers, pools, sidecars, law, transport, other);
    }

    /** The same with other arrivals in every pool. */
    public Scenario withArrivals(Arrivals arrivals) {
        List<Pool> others = pools.stream()
                .map(p -> new Pool(p.name(), p.members(), p.rate(), arrivals))
                .toList();
        return new Scenario(name, providers, others, sidecars, law, transport, changes);
    }

    public Scenario withProviders(List<Provider> other) {
        return new Scenario(name, other, pools, sidecars, law, transport, changes);
    }

    private static void require(boolean holds, String what, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: " + expected + ")");
        }
    }
}
