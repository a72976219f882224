package dev.weir.xds.delivery;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * One sidecar as its stream showed it.
 *
 * @param node node id
 * @param profile what it said of itself
 * @param connectedSinceMillis wall clock
 * @param types per type URL: what it has
 */
public record SidecarView(
        String node, SidecarProfile profile, long connectedSinceMillis, Map<String, TypeState> types) {
    public SidecarView {
        types = Map.copyOf(types);
    }

    /**
     * @param acknowledgedVersion version of the newest response that it accepted, "" before the first; {@code again} where
     *     that repeated endpoints that had left before their cluster
     * @param refusedVersion version of the newest response that it refused and that is still not made good, "" without any
     * @param refusal its words for that, "" likewise
     * @param refusals what it refuses now: its words by name of the resource
     * @param sent responses sent
     * @param acknowledged responses accepted
     * @param refused responses refused
     */
    public record TypeState(
            String acknowledgedVersion,
            String refusedVersion,
            String refusal,
            Map<String, String> refusals,
            long sent,
            long acknowledged,
            long refused) {
        /** Before anything was sent. */
        public static final TypeState NOTHING = new TypeState("", "", "", Map.of(), 0, 0, 0);

        public TypeState {
            refusals = Collections.unmodifiableMap(new TreeMap<>(refusals));
        }
    }
}
