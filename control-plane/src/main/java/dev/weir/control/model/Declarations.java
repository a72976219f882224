package dev.weir.control.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What providers declared, as last confirmed. When the source cannot be reached, the last confirmed stay and
 * {@code confirmedAtMillis} grows old.
 *
 * @param source {@code file} or {@code chain}
 * @param byProvider by provider name; a provider that is missing here has declared nothing
 * @param head newest confirmed block, empty for a file
 * @param confirmedAtMillis wall clock when the source last answered
 * @param problem why the source does not answer now, empty = it does
 */
public record Declarations(
        String source,
        Map<String, Declaration> byProvider,
        Optional<Block> head,
        long confirmedAtMillis,
        Optional<String> problem) {
    public Declarations {
        byProvider = Map.copyOf(byProvider);
    }

    /** A block by number and hash (0x and 64 hex digits). */
    public record Block(long number, String hash) {}

    /**
     * @param provider provider name (on-chain id)
     * @param workUnitsPerSecond {@code > 0}
     * @param slots requests served at once; 0 = not declared
     * @param taskTypes pools that it offers to serve; empty = not said
     * @param stake atomic units of the staked token, decimal; empty for a file
     * @param block where it was declared; empty for a file
     */
    public record Declaration(
            String provider,
            double workUnitsPerSecond,
            int slots,
            List<String> taskTypes,
            Optional<String> stake,
            Optional<Block> block) {
        public Declaration {
            taskTypes = List.copyOf(taskTypes);
        }

        /** Slots for limits that must fit before anything is seen: those declared, else what is finished in a second. */
        public int likelySlots() {
            return slots > 0 ? slots : (int) Math.max(1, Math.min(1_000_000, Math.ceil(workUnitsPerSecond)));
        }
    }
}
