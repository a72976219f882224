package dev.weir.control.model;

import dev.weir.weights.Proposal;
import dev.weir.weights.bounce.SideLimits;
import dev.weir.xds.wire.ClusterName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that publishers and the admin port see after a tick. Immutable; a new one each tick.
 *
 * @param tick number of the tick, from 1
 * @param atMillis wall clock
 * @param config the configuration in force
 * @param declarations what providers declared
 * @param addresses resolved IP addresses: of what consumers call, by the provider's name; of the endpoint behind a side, by
 *     {@link ClusterName#firstAttempts}; what was never found is missing; none = an earlier process had found it, and only
 *     sidecars know where
 * @param decision the last released decision; empty before the first
 * @param proposal what this tick found, released or not
 * @param limits of providers that have a side, by name; empty while what is in force shall stay
 * @param handedOver governed pools that go by their split for a while, but for a few of their requests
 */
public record Image(
        long tick,
        long atMillis,
        Config config,
        Declarations declarations,
        Map<String, List<String>> addresses,
        Optional<Decision> decision,
        Proposal proposal,
        Map<String, SideLimits> limits,
        Set<String> handedOver) {
    public Image {
        addresses = Map.copyOf(addresses);
        limits = Map.copyOf(limits);
        handedOver = Set.copyOf(handedOver);
    }
}
