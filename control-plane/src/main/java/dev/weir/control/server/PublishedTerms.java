package dev.weir.control.server;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.weir.control.ledger.Vetting;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Image;
import dev.weir.control.model.Publisher;
import dev.weir.control.store.DecisionStore;
import dev.weir.control.store.StoreException;
import dev.weir.control.usage.Doubt;
import dev.weir.weights.Proposal.Member;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What sidecars were told, so that what a record says of it can be checked: which decisions there were, and in each the
 * pools, their providers and what these cost.
 *
 * <p>The newest are in memory, as many as name {@value #MAX} pools together; older ones are looked up in the store, where
 * the caller may wait for that. What neither knows was not published.
 *
 * <p>A decision goes out before it is stored, and a process that was killed may have stored none of its last ones, or on a
 * full disk none at all: what names a later decision of an earlier process than the store has is held against the last
 * that was stored before.
 *
 * <p>Written by the loop's thread, read by any.
 */
@ThreadSafe
public final class PublishedTerms implements Publisher, Vetting {
    private static final Logger log = LoggerFactory.getLogger(PublishedTerms.class);
    private static final int MAX = 50_000;
    /** Decisions of earlier processes that are there from the start, because sidecars still go by them. */
    private static final int RESTORED = 50;
    /** Answers of the store that are remembered. */
    private static final int LOOKED_UP = 256;

    private final DecisionStore store;
    private final long term;

    @GuardedBy("this")
    private final NavigableMap<Epoch, Map<String, Terms>> newest = new TreeMap<>();

    @GuardedBy("older")
    private final Map<Epoch, Optional<Map<String, Terms>>> older = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Epoch, Optional<Map<String, Terms>>> eldest) {
            return size() > LOOKED_UP;
        }
    };

    @GuardedBy("this")
    private int pools;

    /** What a pool cost: atomic units per 1 000 work units by provider, and the number of these prices. */
    private record Terms(Map<String, Long> prices, long number) {}

    /** @param term of this process; decisions of earlier ones come from {@code store}, on the caller's thread */
    public PublishedTerms(DecisionStore store, long term) {
        this.store = store;
        this.term = term;
        try {
            Optional<Decision> decision = store.last();
            for (int i = 0; i < RESTORED && decision.isPresent(); i++) {
                add(decision.get());
                decision = store.before(decision.get().epoch());
            }
        } catch (StoreException e) {
            log.warn(
                    "{}; records of that decision and of earlier ones are checked when their file comes",
                    e.getMessage());
        }
    }

    @Override
    public void publish(Image image, boolean released) {
        image.decision().ifPresent(this::add);
    }

    private synchronized void add(Decision decision) {
        if (newest.containsKey(decision.epoch())) {
            return;
        }
        Map<String, Terms> terms = terms(decision);
        // prices change seldom: most decisions share them with the one before
        Map.Entry<Epoch, Map<String, Terms>> before = newest.lowerEntry(decision.epoch());
        if (before != null) {
            terms.replaceAll((pool, each) ->
                    each.equals(before.getValue().get(pool)) ? before.getValue().get(pool) : each);
        }
        newest.put(decision.epoch(), terms);
        pools += terms.size();
        while (pools > MAX && newest.size() > 1) {
            pools -= newest.pollFirstEntry().getValue().size();
        }
    }

    private static Map<String, Terms> terms(Decision decision) {
        Map<String, Terms> terms = new HashMap<>();
        for (PoolProposal pool : decision.proposal().pools()) {
            Map<String, Long> prices = new HashMap<>();
            for (Member member : pool.members()) {
                prices.put(member.provider(), member.price());
            }
            terms.put(pool.id(), new Terms(prices, pool.priceNumber()));
        }
        return terms;
    }

    /**
     * What a record says that was never published. A call that reached no provider claims nothing; what an attempt cost matters
     * to nobody.
     */
    @Override
    public Optional<Doubt> doubt(AccessRecord record, boolean mayWait) {
        if (record.route().provider().isEmpty()) {
            return Optional.empty();
        }
        Map<String, Terms> decided =
                epoch(record).flatMap(epoch -> terms(epoch, mayWait)).orElse(null);
        if (decided == null) {
            return Optional.of(Doubt.EPOCH);
        }
        Terms terms = decided.get(record.route().pool());
        if (terms == null) {
            return Optional.of(Doubt.POOL);
        }
        Long price = terms.prices.get(record.route().provider());
        if (price == null) {
            return Optional.of(Doubt.PROVIDER);
        }
        boolean said = record.identity().kind() == Kind.CALL && record.route().price() >= 0;
        return said && (record.route().price() != price || record.route().priceNumber() != terms.number)
                ? Optional.of(Doubt.PRICE)
                : Optional.empty();
    }

    private static Optional<Epoch> epoch(AccessRecord record) {
        try {
            return Optional.of(Epoch.parse(record.route().epoch()));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // no epoch was ever published in such words
        }
    }

    private Optional<Map<String, Terms>> terms(Epoch epoch, boolean mayWait) {
        synchronized (this) {
            Map.Entry<Epoch, Map<String, Terms>> floor = newest.floorEntry(epoch);
            if (floor != null) {
                boolean counts = floor.getKey().equals(epoch) || unstored(epoch, newest.higherKey(epoch));
                return counts ? Optional.of(floor.getValue()) : Optional.empty();
            }
        }
        if (!mayWait || epoch.term() > term) {
            return Optional.empty();
        }
        synchronized (older) { // the loop does not wait for it
            return older.computeIfAbsent(epoch, this::lookUp);
        }
    }

    /** Whether an earlier process may have published it and not come to store it; {@code next} is the next that is stored. */
    private boolean unstored(Epoch epoch, @org.jspecify.annotations.Nullable Epoch next) {
        return epoch.term() < term && (next == null || next.term() > epoch.term());
    }

    /** Looks up the terms of a decision that lies before all that is in memory. */
    private Optional<Map<String, Terms>> lookUp(Epoch epoch) {
        try {
            Optional<Decision> floor = store.before(epoch.next());
            if (floor.isEmpty()) {
                return Optional.empty();
            }
            Epoch found = floor.get().epoch();
            boolean last = store.before(new Epoch(epoch.term() + 1, 0))
                    .map(newestOfTerm -> newestOfTerm.epoch().equals(found))
                    .orElse(false);
            boolean counts = found.equals(epoch) || (last && unstored(epoch, null));
            return counts ? Optional.of(terms(floor.get())) : Optional.empty();
        } catch (StoreException e) {
            log.warn("{}; records of that decision can't be checked", e.getMessage());
            return Optional.empty();
        }
    }
}
