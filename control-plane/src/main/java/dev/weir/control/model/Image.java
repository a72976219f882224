package dev.weir.control.model;

import dev.weir.weights.Proposal;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that publishers and the admin port see after a tick. Immutable; a new one each tick.
 *
 * @param tick number of the tick, from 1
 * @param atMillis wall clock
 * @param config the configuration in force
 * @param declarations what providers declared
 * @param addresses resolved IP addresses per provider name, in the resolver's order; a provider without any is missing
 * @param decision the last released decision; empty before the first
 * @param proposal what this tick found, released or not
 */
public record Image(
        long tick,
        long atMillis,
        Config config,
        Declarations declarations,
        Map<String, List<String>> addresses,
        Optional<Decision> decision,
        Proposal proposal) {
    public Image {
        addresses = Map.copyOf(addresses);
    }
}
