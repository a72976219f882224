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
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.Member;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
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
 * full disk none at all. Prices are stored before they go out: a decision of an earlier process that the store does not have
 * had those of the stored ones before and after it. Until this process has released one, what it began with stands for the
 * one after: it goes on from what is stored.
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
    private final Map<Epoch, List<Map<String, Terms>>> older = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Epoch, List<Map<String, Terms>>> eldest) {
            return size() > LOOKED_UP;
        }
    };

    @GuardedBy("this")
    private int pools;

    /** What this process began with: prices in force, and those announced. */
    @GuardedBy("this")
    private List<Map<String, Terms>> begun = List.of();

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
        begin(image.proposal());
        image.decision().ifPresent(this::add);
    }

    private synchronized void begin(Proposal first) {
        if (begun.isEmpty()) {
            Map<String, Terms> announced = new HashMap<>();
            first.announced().forEach(next -> announced.put(next.pool(), new Terms(next.byProvider(), next.number())));
            begun = List.of(terms(first), announced);
        }
    }

    private synchronized void add(Decision decision) {
        if (newest.containsKey(decision.epoch())) {
            return;
        }
        Map<String, Terms> terms = terms(decision.proposal());
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

    private static Map<String, Terms> terms(Proposal proposal) {
        Map<String, Terms> terms = new HashMap<>();
        for (PoolProposal pool : proposal.pools()) {
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
        List<Map<String, Terms>> decided =
                epoch(record).map(epoch -> terms(epoch, mayWait)).orElse(List.of());
        if (decided.isEmpty()) {
            return Optional.of(Doubt.EPOCH);
        }
        // of several that it may have been, the one that speaks for it most
        return decided.stream()
                .map(terms -> doubt(record, terms))
                .max(Comparator.comparing(doubt -> doubt.map(Doubt::ordinal).orElse(Integer.MAX_VALUE)))
                .orElseThrow();
    }

    private static Optional<Doubt> doubt(AccessRecord record, Map<String, Terms> decided) {
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

    /** What a decision may have been; nothing where there was no such decision. */
    private List<Map<String, Terms>> terms(Epoch epoch, boolean mayWait) {
        List<Map<String, Terms>> after;
        synchronized (this) {
            Map<String, Terms> exact = newest.get(epoch);
            if (exact != null) {
                return List.of(exact);
            }
            if (epoch.term() >= term) {
                return List.of();
            }
            Map.Entry<Epoch, Map<String, Terms>> next = newest.higherEntry(epoch);
            after = next == null ? begun : List.of(next.getValue());
            Map.Entry<Epoch, Map<String, Terms>> floor = newest.floorEntry(epoch);
            if (floor != null) {
                return both(List.of(floor.getValue()), after);
            }
        }
        if (!mayWait) {
            return List.of();
        }
        synchronized (older) { // the loop does not wait for it
            List<Map<String, Terms>> found = older.get(epoch);
            if (found == null) {
                found = lookUp(epoch, after);
                older.put(epoch, found);
            }
            return found;
        }
    }

    private static List<Map<String, Terms>> both(List<Map<String, Terms>> before, List<Map<String, Terms>> after) {
        return Stream.of(before, after).flatMap(List::stream).toList();
    }

    /**
     * Looks up a decision that lies before all that is in memory.
     *
     * @param after the next after it that is known, if the store does not know better
     */
    private List<Map<String, Terms>> lookUp(Epoch epoch, List<Map<String, Terms>> after) {
        try {
            Optional<Decision> exact = store.find(epoch);
            if (exact.isPresent()) {
                return List.of(terms(exact.get().proposal()));
            }
            return both(
                    store.before(epoch).map(PublishedTerms::listed).orElse(List.of()),
                    store.after(epoch).map(PublishedTerms::listed).orElse(after));
        } catch (StoreException e) {
            log.warn("{}; records of that decision can't be checked", e.getMessage());
            return List.of();
        }
    }

    private static List<Map<String, Terms>> listed(Decision decision) {
        return List.of(terms(decision.proposal()));
    }
}
