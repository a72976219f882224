package dev.weir.weights;

import dev.weir.weights.estimate.Demand;
import dev.weir.weights.price.Congestion;
import dev.weir.weights.price.PriceController;
import dev.weir.weights.price.PublishedPrice;
import dev.weir.weights.price.Surcharge;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
     */
    PoolTrack(Settings settings, long minPrice, double workPerRequest, Proposal.@Nullable PoolProposal restored) {
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
        published = new PublishedPrice(
                priceIntervalSeconds,
                restored == null ? minPrice : Math.max(1, restored.price()),
                former.stream().mapToLong(m -> Math.max(1, m.price())).toArray(),
                restored == null ? 1 : Math.max(1, restored.priceNumber()));
    }

    /** Keeps prices and surcharges of members that stay; a new one starts at the base price. */
    void members(String[] memberIds, int from, int to) {
        Map<String, Integer> former = new HashMap<>();
        for (int i = 0; i < members.length; i++) {
            former.putIfAbsent(members[i], i);
        }
        String[] ids = new String[to - from];
        long[] prices = new long[ids.length];
        Surcharge[] surcharges = new Surcharge[ids.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = memberIds[from + i];
            Integer before = former.get(ids[i]);
            prices[i] = before == null ? published.base() : published.member(before);
            surcharges[i] = before == null ? new Surcharge() : surcharge[before];
        }
        published = new PublishedPrice(priceIntervalSeconds, published.base(), prices, published.number());
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

    boolean priceDue(long minPrice) {
        return published.due(controller.price(minPrice), exact);
    }

    void publishPrice(long minPrice) {
        published.publish(controller.price(minPrice), exact);
    }

    PublishedPrice published() {
        return published;
    }
}
