package dev.weir.xds.delivery;

import java.util.Map;

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
     * @param refusedVersion version of the newest response that it refused, "" when it never did or a later one was accepted
     * @param refusal its words for that, "" likewise
     * @param sent responses sent
     * @param acknowledged responses accepted
     * @param refused responses refused
     */
    public record TypeState(
            String acknowledgedVersion,
            String refusedVersion,
            String refusal,
            long sent,
            long acknowledged,
            long refused) {}
}
