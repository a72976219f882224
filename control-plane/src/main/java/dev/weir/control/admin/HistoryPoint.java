package dev.weir.control.admin;

import dev.weir.control.metrics.Latencies.Latency;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Image;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.ProviderState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One moment for the charts, packed: 300 of them stay in memory, so numbers are floats in one array and names are shared.
 * Immutable.
 */
public final class HistoryPoint {
    private static final int PER_POOL = 4;
    private static final int PER_PROVIDER = 5;

    private final long atMillis;
    private final Optional<Epoch> epoch;
    private final Shape shape;
    private final float[] numbers;

    /** Which pools, members and providers there are; the same for many points. */
    private record Shape(List<String> pools, List<List<String>> members, List<String> providers) {
        static Shape of(Proposal proposal) {
            List<String> pools = new ArrayList<>();
            List<List<String>> members = new ArrayList<>();
            for (PoolProposal pool : proposal.pools()) {
                pools.add(pool.id());
                members.add(
                        pool.members().stream().map(Proposal.Member::provider).toList());
            }
            return new Shape(
                    pools,
                    members,
                    proposal.providers().stream().map(ProviderState::id).toList());
        }
    }

    /**
     * One pool.
     *
     * @param demand offered work units per second
     * @param utilisation of its providers, 1 = all that they can do
     * @param congestion 0-100
     * @param price atomic units per 1 000 work units
     * @param shares per provider, the share in force, 0-1
     */
    public record PoolPoint(
            String pool,
            double demand,
            double utilisation,
            double congestion,
            double price,
            Map<String, Double> shares) {
        public PoolPoint {
            shares = Map.copyOf(shares);
        }
    }

    /**
     * One provider.
     *
     * @param backlog work units beyond its free slots; negative = free slots
     * @param inFlight requests
     * @param trusted work units per second
     * @param p50Millis median latency, NaN = nothing completed lately
     * @param p99Millis likewise
     */
    public record ProviderPoint(
            String provider, double backlog, double inFlight, double trusted, double p50Millis, double p99Millis) {}

    private HistoryPoint(long atMillis, Optional<Epoch> epoch, Shape shape, float[] numbers) {
        this.atMillis = atMillis;
        this.epoch = epoch;
        this.shape = shape;
        this.numbers = numbers;
    }

    /** @param earlier whose names are shared if they are the same */
    static HistoryPoint of(Image image, Map<String, Latency> latencies, @Nullable HistoryPoint earlier) {
        Proposal proposal = image.proposal();
        Shape shape = Shape.of(proposal);
        if (earlier != null && earlier.shape.equals(shape)) {
            shape = earlier.shape;
        }
        Optional<Proposal> inForce = image.decision().map(Decision::proposal);
        List<Float> numbers = new ArrayList<>();
        for (PoolProposal pool : proposal.pools()) {
            numbers.add((float) pool.demand());
            numbers.add((float) pool.utilisation());
            numbers.add((float) pool.congestion());
            numbers.add((float) pool.price());
            PoolProposal decided = inForce.flatMap(p -> p.pool(pool.id())).orElse(pool);
            pool.members().forEach(m -> numbers.add(share(decided, m.provider())));
        }
        for (ProviderState provider : proposal.providers()) {
            Latency latency = latencies.get(provider.id());
            numbers.add((float) provider.backlog());
            numbers.add((float) provider.inFlight());
            numbers.add((float) provider.trustedCapacity());
            numbers.add(latency == null ? Float.NaN : (float) latency.p50Millis());
            numbers.add(latency == null ? Float.NaN : (float) latency.p99Millis());
        }
        float[] packed = new float[numbers.size()];
        for (int i = 0; i < packed.length; i++) {
            packed[i] = numbers.get(i);
        }
        return new HistoryPoint(image.atMillis(), image.decision().map(Decision::epoch), shape, packed);
    }

    private static float share(PoolProposal pool, String provider) {
        int weight = pool.member(provider).map(Proposal.Member::weight).orElse(0);
        return weight / (float) Proposal.TOTAL_WEIGHT;
    }

    public long atMillis() {
        return atMillis;
    }

    /** The decision in force. */
    public Optional<Epoch> epoch() {
        return epoch;
    }

    public List<PoolPoint> pools() {
        List<PoolPoint> pools = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < shape.pools.size(); i++) {
            List<String> members = shape.members.get(i);
            Map<String, Double> shares = new java.util.HashMap<>();
            for (int j = 0; j < members.size(); j++) {
                shares.put(members.get(j), (double) numbers[at + PER_POOL + j]);
            }
            pools.add(new PoolPoint(
                    shape.pools.get(i), numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3], shares));
            at += PER_POOL + members.size();
        }
        return pools;
    }

    public List<ProviderPoint> providers() {
        List<ProviderPoint> providers = new ArrayList<>();
        int at = numbers.length - PER_PROVIDER * shape.providers.size();
        for (String provider : shape.providers) {
            providers.add(new ProviderPoint(
                    provider, numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3], numbers[at + 4]));
            at += PER_PROVIDER;
        }
        return providers;
    }

    /** Numbers that it holds. */
    int size() {
        return numbers.length;
    }
}
