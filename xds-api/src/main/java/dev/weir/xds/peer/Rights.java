package dev.weir.xds.peer;

import java.util.Set;
import java.util.TreeSet;

/**
 * What somebody may do at one moment.
 *
 * @param consumer whether it may be one
 * @param sideOf names of the providers that it is the side of
 */
record Rights(boolean consumer, Set<String> sideOf) {
    Rights {
        sideOf = Set.copyOf(sideOf);
    }

    static Rights of(Set<String> names, Identities identities) {
        Set<String> sideOf = new TreeSet<>();
        names.forEach(name -> sideOf.addAll(identities.sideOf(name)));
        return new Rights(sideOf.isEmpty() && names.stream().anyMatch(identities::consumer), sideOf);
    }

    /** What of it is not in {@code later}, in words; "" = nothing. */
    String lost(Rights later) {
        if (consumer && !later.consumer) {
            return "is no consumer any more";
        }
        Set<String> gone = new TreeSet<>(sideOf);
        gone.removeAll(later.sideOf);
        return gone.isEmpty() ? "" : "is not the side of " + String.join(", ", gone) + " any more";
    }
}
