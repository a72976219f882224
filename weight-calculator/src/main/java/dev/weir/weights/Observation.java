package dev.weir.weights;

import java.util.List;
import java.util.Optional;

/**
 * All that one tick is told about the mesh. Counts are those since the observation before; gauges are the newest known.
 *
 * <p>Hostile values are values: the calculator clips or ignores what cannot be (negative counts, NaN, an age in the
 * future) and says so in {@link Proposal}'s reasons; it never throws for them.
 *
 * @param nowNanos monotonic time of this tick
 * @param hold true while nothing may be released (a restarted control plane waits for its sidecars' first reports)
 * @param pools every configured pool, in a fixed order
 * @param providers every provider that any pool names, in a fixed order
 */
public record Observation(long nowNanos, boolean hold, List<PoolInput> pools, List<ProviderInput> providers) {
    public Observation {
        pools = IndexedList.copyOf(pools, PoolInput::id);
        providers = IndexedList.copyOf(providers, ProviderInput::id);
    }

    /** The pool of that name. */
    public Optional<PoolInput> pool(String id) {
        return IndexedList.find(pools, id);
    }

    /** The provider of that name. */
    public Optional<ProviderInput> provider(String id) {
        return IndexedList.find(providers, id);
    }

    /**
     * A pool: one class of requests.
     *
     * @param id the pool's name
     * @param members its providers, in the fixed order of the pushed list
     * @param minPrice lowest price, atomic units per 1 000 work units, {@code >= 1}
     * @param workPerRequest mean work units of a request, {@code > 0}; 1 where a request is the unit
     * @param storedPrice number of the newest announced price that is stored: only such a one is published
     */
    public record PoolInput(
            String id, List<MemberInput> members, long minPrice, double workPerRequest, long storedPrice) {
        public PoolInput {
            members = IndexedList.copyOf(members, MemberInput::provider);
        }

        /** A pool whose prices go out as they are announced: nobody is to be paid by them. */
        public PoolInput(String id, List<MemberInput> members, long minPrice, double workPerRequest) {
            this(id, members, minPrice, workPerRequest, Long.MAX_VALUE);
        }

        /** The member that is the provider of that name. */
        public Optional<MemberInput> member(String provider) {
            return IndexedList.find(members, provider);
        }
    }

    /**
     * What was seen of one (pool, provider) since the last observation.
     *
     * @param provider the provider's name
     * @param inFlight gauge: requests in flight there from this pool, over all sidecars
     * @param firstAttempts first attempts issued (LRS issued less the records' attempts {@code >= 2}); in pools whose requests
     *     are checked those asked for, what was shed among them
     * @param completions attempts that ended with a 2xx, from attempt records
     * @param failures attempts whose end speaks against the provider, from attempt records: 408, 429, 5xx or no answer at
     *     all, and other 3xx and 4xx that proved to be the provider's own; an end that the client caused (its mistakes, a
     *     cancelled call) is neither a completion nor a failure
     * @param retryOnly whether it is only a retry target: it has weight 1, unless no other member serves
     * @param refusal the HTTP status with which it meets all that the pool's other members complete, or 429 while it wants a
     *     pause: it gets probe traffic from this pool, whatever it does for others; 0 = it does not
     * @param answerSeconds sum of the durations of the completions, {@code >= 0}; 0 = not known
     * @param answerSquares sum of the squares of these, square seconds
     * @param flowing attempts still in flight of whose answers bytes came
     * @param unheard of those in flight, the ones of sidecars that do not report any more: they may be there still, but that no
     *     answer of theirs is heard of says nothing
     */
    public record MemberInput(
            String provider,
            long inFlight,
            long firstAttempts,
            long completions,
            long failures,
            boolean retryOnly,
            int refusal,
            double answerSeconds,
            double answerSquares,
            long flowing,
            long unheard) {
        /** A member that refuses nothing, and whose answers were only counted. */
        public MemberInput(
                String provider,
                long inFlight,
                long firstAttempts,
                long completions,
                long failures,
                boolean retryOnly) {
            this(provider, inFlight, firstAttempts, completions, failures, retryOnly, 0, 0, 0, 0, 0);
        }
    }

    /**
     * What is declared of a provider and how fresh its telemetry is.
     *
     * @param id the provider's name
     * @param declaredCapacity work units per second; 0 = has declared nothing (yet, or any more)
     * @param mostCapacity most that may be trusted, {@code >= declaredCapacity}: what is declared where that binds, more where
     *     it is a guess that what is seen may correct, or where nothing needs to be declared; 0 = gets no traffic
     * @param slots requests that it serves at once; 0 = not declared: taken from what is seen of it
     * @param telemetryAgeNanos age of the newest load report that its gauges came from; negative = never seen any
     * @param cost what a work unit costs there, in any unit, {@code >= 0}; {@link Settings#costSeconds} says what it is worth
     * @param draining whether it is being taken out of service: gets nothing new
     */
    public record ProviderInput(
            String id,
            double declaredCapacity,
            double mostCapacity,
            int slots,
            long telemetryAgeNanos,
            double cost,
            boolean draining) {
        /** A provider in service. */
        public ProviderInput(
                String id,
                double declaredCapacity,
                double mostCapacity,
                int slots,
                long telemetryAgeNanos,
                double cost) {
            this(id, declaredCapacity, mostCapacity, slots, telemetryAgeNanos, cost, false);
        }

        /** A provider in service whose declaration binds and whose cost does not matter. */
        public ProviderInput(String id, double declaredCapacity, int slots, long telemetryAgeNanos) {
            this(id, declaredCapacity, declaredCapacity, slots, telemetryAgeNanos, 0);
        }
    }
}
