package dev.weir.weights;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one tick found and proposes. Immutable; the same observations give the same proposals, bit for bit.
 *
 * <p>{@code release.released()} says whether it goes out. Until then the split in force stays the one last released, and
 * the calculator knows which that was: the caller must publish what is released and nothing else.
 *
 * @param pools one per pool of the observation, same order
 * @param providers one per provider of the observation, same order
 * @param release whether this goes out and why
 * @param announced prices that go out once they are stored, at most one for each pool
 */
public record Proposal(
        List<PoolProposal> pools, List<ProviderState> providers, Release release, List<Announcement> announced) {
    /** What a pool's weights sum to. */
    public static final int TOTAL_WEIGHT = 1_000_000;

    public Proposal {
        pools = IndexedList.copyOf(pools, PoolProposal::id);
        providers = IndexedList.copyOf(providers, ProviderState::id);
        announced = List.copyOf(announced);
    }

    /** A proposal that announces nothing. */
    public Proposal(List<PoolProposal> pools, List<ProviderState> providers, Release release) {
        this(pools, providers, release, List.of());
    }

    /** The pool of that name. */
    public Optional<PoolProposal> pool(String id) {
        return IndexedList.find(pools, id);
    }

    /** The provider of that name. */
    public Optional<ProviderState> provider(String id) {
        return IndexedList.find(providers, id);
    }

    /**
     * @param id the pool's name
     * @param members one per member, same order as observed; weights sum to exactly {@link #TOTAL_WEIGHT}, or are all 0 when no member
     *     may have traffic
     * @param demand offered work units per second, estimated
     * @param utilisation {@code u = sum_k p_k x_k / mu_k}, not capped; 0 when there is no demand
     * @param congestion {@code min(100, 100 u)} as published: the value in force, 0-100
     * @param levelSeconds the water level: the common expected drain time, seconds
     * @param price published price in force, atomic units per 1 000 work units
     * @param priceNumber number of that price in this pool's sequence, grows by one with each publication
     * @param logPrice controller state {@code X}, {@code price = minPrice e^X}; kept so that a restart resumes it
     */
    public record PoolProposal(
            String id,
            List<Member> members,
            double demand,
            double utilisation,
            int congestion,
            double levelSeconds,
            long price,
            long priceNumber,
            double logPrice) {
        public PoolProposal {
            members = IndexedList.copyOf(members, Member::provider);
        }

        /** The member that is the provider of that name. */
        public Optional<Member> member(String provider) {
            return IndexedList.find(members, provider);
        }
    }

    /**
     * @param provider the provider's name
     * @param weight integer share of {@link #TOTAL_WEIGHT}
     * @param price the pool's price with this provider's surcharge, as published, atomic units per 1 000 work units
     * @param silent whether this pool's requests get no answer there, whatever others get: probe traffic only
     */
    public record Member(String provider, int weight, long price, boolean silent) {
        /** A member that answers. */
        public Member(String provider, int weight, long price) {
            this(provider, weight, price, false);
        }
    }

    /**
     * Prices of a pool that are the next to go out, when they can't be lost any more: see {@link
     * Observation.PoolInput#storedPrice}.
     *
     * @param pool its name
     * @param number of these prices in its sequence
     * @param price the pool's, atomic units per 1 000 work units
     * @param byProvider with each member's surcharge
     */
    public record Announcement(String pool, long number, long price, Map<String, Long> byProvider) {
        public Announcement {
            byProvider = Map.copyOf(byProvider);
        }
    }

    /** What a provider is thought to be. */
    public enum Status {
        /** nothing came from it yet: takes its share */
        UNTRIED,
        /** takes its share */
        ACTIVE,
        /** silent although completions were due: probe traffic only */
        STALLED,
        /** coming back after a suspension */
        RAMPING,
        /** has no capacity: gets nothing */
        ABSENT,
        /** is being taken out of service: gets nothing new, and keeps what is in flight there */
        DRAINING;

        /** Whether it may have any traffic. */
        public boolean takesTraffic() {
            return this != ABSENT && this != DRAINING;
        }

        /** Whether it may have more than probe traffic. */
        public boolean serves() {
            return this == UNTRIED || this == ACTIVE || this == RAMPING;
        }
    }

    /**
     * @param id the provider's name
     * @param status what it is thought to be
     * @param declaredCapacity work units per second, as observed; 0 = nothing is declared
     * @param trustedCapacity work units per second that the split used
     * @param slots as declared, else as estimated
     * @param inFlight requests, over all pools
     * @param backlog work beyond its free slots, {@code w (N - s)}; negative = free slots
     * @param completionRate 2xx ends per second, smoothed
     * @param reason one sentence for an SRE: why it gets what it gets
     */
    public record ProviderState(
            String id,
            Status status,
            double declaredCapacity,
            double trustedCapacity,
            int slots,
            long inFlight,
            double backlog,
            double completionRate,
            String reason) {}

    /** Why a proposal goes out. */
    public enum Cause {
        /** the first decision there is */
        FIRST,
        /** predicted seconds saved per request exceed the gate */
        SAVES_TIME,
        /** pools or members changed */
        MEMBERSHIP,
        /** a provider stalled, came back, lost or got its capacity */
        HEALTH,
        /** a published price changed */
        PRICE,
        /** congestion moved by 5 points */
        CONGESTION
    }

    /**
     * @param released whether this proposal goes out
     * @param causes why; empty when it does not
     * @param savedSeconds predicted mean seconds saved per request against the split in force
     */
    public record Release(boolean released, Set<Cause> causes, double savedSeconds) {
        public Release {
            causes = Set.copyOf(causes);
        }
    }
}
