package dev.weir.control.chain;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Says of followed names that declare nothing what the registry has of them now, so that an operator sees a wrong owner or
 * a name that somebody else took. One look per call of {@link #look}, each name once a minute. For people only: nothing is
 * decided by it.
 */
final class Holders {
    static final long MILLIS_BETWEEN = 60_000;

    private final Node node;
    private final String registry;
    private final LongSupplier wallMillis;
    private final Map<String, String> remarks = new HashMap<>();
    private final Map<String, Long> lookedAt = new HashMap<>();

    Holders(Node node, String registry, LongSupplier wallMillis) {
        this.node = node;
        this.registry = registry;
        this.wallMillis = wallMillis;
    }

    /** What is known, by name. */
    Map<String, String> remarks() {
        return remarks;
    }

    void forget() {
        remarks.clear();
        lookedAt.clear();
    }

    /**
     * Looks at one name, if one is due.
     *
     * @param declared names that need no remark
     * @return whether a remark has changed
     */
    boolean look(Names names, Set<String> declared) throws NodeException {
        long now = wallMillis.getAsLong();
        for (String id : names.ids()) {
            Names.Bound bound = names.bound(id);
            if (bound == null) {
                continue;
            }
            if (declared.contains(bound.name())) {
                remarks.remove(bound.name());
                lookedAt.remove(bound.name());
                continue;
            }
            Long before = lookedAt.get(bound.name());
            if (before == null || Math.abs(now - before) >= MILLIS_BETWEEN) {
                lookedAt.put(bound.name(), now);
                String remark = remark(bound, node.provider(registry, bound.name()));
                return !remark.equals(remarks.put(bound.name(), remark));
            }
        }
        return false;
    }

    private static String remark(Names.Bound bound, Optional<StoredProvider> stored) {
        if (stored.isEmpty()) {
            return "not registered";
        }
        String owner = stored.get().owner();
        return owner.equals(bound.owner())
                ? "has declared nothing, or nothing that is confirmed yet"
                : "owner: " + owner + " (expected: " + bound.owner() + "; nothing that it says counts)";
    }
}
