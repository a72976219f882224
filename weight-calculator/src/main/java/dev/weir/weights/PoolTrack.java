package dev.weir.weights;

import dev.weir.weights.estimate.Demand;
import dev.weir.weights.price.Congestion;
import dev.weir.weights.price.PriceController;
import dev.weir.weights.price.PublishedPrice;
import dev.weir.weights.price.PublishedPrice.Prices;
import dev.weir.weights.price.Surcharge;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What is remembered of one pool from tick to tick: demand, price, what is published. */
final class PoolTrack {
    final Demand demand = new Demand();
    final PriceController controller;
    final Congestion congestion;
    private final double priceIntervalSeconds;
    private String[] members;
    private Surcharge[] surcharge;
    private double[] exact;
    private PublishedPrice published;

    /**
     * @param minPrice atomic units per 1 000 work units
     * @param workPerRequest work units, {@code > 0}
     * @param restored as last released, null = never
     * @param announced price that comes next, null = none
     */
    PoolTrack(
            Settings settings,
            long minPrice,
            double workPerRequest,
            Proposal.@Nullable PoolProposal restored,
            Proposal.@Nullable Announcement announced) {
        priceIntervalSeconds = settings.priceIntervalSeconds();
        controller = new PriceController(
                settings.targetUtilisation(),
                settings.priceTimeConstantSeconds(),
                restored == null ? 0 : restored.logPrice());
        congestion = new Congestion(restored == null ? 0 : restored.congestion());
        if (restored != null && restored.demand() > 0) {
            demand.restore(Math.min(Inputs.MAX_CAPACITY, restored.demand() / workPerRequest));
        }
        List<Proposal.Member> former = restored == null ? List.of() : restored.members();
        members = former.stream().map(Proposal.Member::provider).toArray(String[]::new);
        surcharge = new Surcharge[members.length];
        Arrays.setAll(surcharge, i -> new Surcharge());
        exact = new double[members.length];
        Prices inForce = new Prices(
                restored == null ? 1 : Math.max(1, restored.priceNumber()),
                restored == null ? minPrice : Math.max(1, restored.price()),
                former.stream().map(m -> Math.max(1, m.price())).toList());
        published = new PublishedPrice(
                priceIntervalSeconds, inForce, announced == null ? null : next(announced, inForce.number(), members));
    }

    /** What was announced, if it comes after what is in force. */
    private static @Nullable Prices next(Proposal.Announcement announced, long number, String[] members) {
        long base = Math.max(1, announced.price());
        return announced.number() <= number
                ? null
                : new Prices(
                        announced.number(),
                        base,
                        Arrays.stream(members)
                                .map(id -> Math.max(1, announced.byProvider().getOrDefault(id, base)))
                                .toList());
    }

    /** Keeps prices and surcharges of members that stay; a new one starts at the base price. */
    void members(String[] memberIds, int from, int to) {
        Map<String, Integer> former = new HashMap<>();
        for (int i = 0; i < members.length; i++) {
            former.putIfAbsent(members[i], i);
        }
        String[] ids = new String[to - from];
        int[] places = new int[ids.length];
        Surcharge[] surcharges = new Surcharge[ids.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = memberIds[from + i];
            Integer before = former.get(ids[i]);
            places[i] = before == null ? -1 : before;
            surcharges[i] = before == null ? new Surcharge() : surcharge[before];
        }
        Prices announced = published.announced();
        published = new PublishedPrice(
                priceIntervalSeconds,
                moved(published.inForce(), places),
                announced == null ? null : moved(announced, places));
        members = ids;
        surcharge = surcharges;
        exact = new double[ids.length];
    }

    /**
     * Moves the price and what is due of it.
     *
     * @param utilisation {@code u}; NaN = unknown, the price rests
     * @param excessSeconds per member, see {@link Surcharge}
     */
    void step(double utilisation, double[] excessSeconds, int from, long minPrice, double dt) {
        controller.step(utilisation, dt);
        congestion.age(dt);
        published.age(dt);
        for (int i = 0; i < surcharge.length; i++) {
            surcharge[i].observe(excessSeconds[from + i], dt);
            exact[i] = controller.price(minPrice) * surcharge[i].factor();
        }
    }

    /** Announces new prices where they are due. */
    void announcePrice(long minPrice) {
        double base = controller.price(minPrice);
        if (published.due(base, exact)) {
            published.announce(base, exact);
        }
    }

    /**
     * Whether what is announced may be published.
     *
     * @param stored number of the newest price that may
     */
    boolean priceDue(long stored) {
        Prices announced = published.announced();
        return announced != null && announced.number() <= stored;
    }

    PublishedPrice published() {
        return published;
    }

    /** What is announced of the pool; null = nothing. */
    Proposal.@Nullable Announcement announcement(String pool) {
        Prices announced = published.announced();
        if (announced == null) {
            return null;
        }
        Map<String, Long> byProvider = new HashMap<>();
        for (int i = 0; i < members.length; i++) {
            byProvider.putIfAbsent(members[i], announced.member().get(i));
        }
        return new Proposal.Announcement(pool, announced.number(), announced.base(), byProvider);
    }

    private static Prices moved(Prices prices, int[] places) {
        List<Long> member = IntStream.of(places)
                .mapToObj(place -> place < 0 ? prices.base() : prices.member().get(place))
                .toList();
        return new Prices(prices.number(), prices.base(), member);
    }
}
