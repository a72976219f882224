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
 * @param remarks by provider name, why nothing or less than what is said there counts; for people
 */
public record Declarations(
        String source,
        Map<String, Declaration> byProvider,
        Optional<Block> head,
        long confirmedAtMillis,
        Optional<String> problem,
        Map<String, String> remarks) {
    public Declarations {
        byProvider = Map.copyOf(byProvider);
        remarks = Map.copyOf(remarks);
    }

    /** Without remarks. */
    public Declarations(
            String source,
            Map<String, Declaration> byProvider,
            Optional<Block> head,
            long confirmedAtMillis,
            Optional<String> problem) {
        this(source, byProvider, head, confirmedAtMillis, problem, Map.of());
    }

    /** Declarations without any, as nothing came from {@code source} yet. */
    public static Declarations none(String source) {
        return new Declarations(source, Map.of(), Optional.empty(), 0, Optional.empty());
    }

    /** Source of what the configuration says. */
    public static final String FILE = "file";

    /** Whether nobody is trusted with more than it declared; what a file says is an operator's guess. */
    public boolean binding() {
        return !source.equals(FILE);
    }

    /** A block by number and hash (0x and 64 hex digits). */
    public record Block(long number, String hash) {}

    /**
     * @param provider provider name (on-chain id)
     * @param workUnitsPerSecond {@code > 0}; 0 = left out, to be learnt (only in a file)
     * @param slots requests served at once; 0 = not declared
     * @param taskTypes pools that it offers to serve; empty = not said
     * @param stake atomic units of the staked token, decimal; empty for a file
     * @param cap work units per second that the stake stands for; empty = no cap
     * @param block where it was declared; empty for a file
     */
    public record Declaration(
            String provider,
            double workUnitsPerSecond,
            int slots,
            List<String> taskTypes,
            Optional<String> stake,
            Optional<Double> cap,
            Optional<Block> block) {
        private static final int UNKNOWN_SLOTS = 16;
        /** Most seconds' work of the cap that slots may hold: what a stake stands for includes what is in flight. */
        private static final double SECONDS_HELD = 100;

        public Declaration {
            taskTypes = List.copyOf(taskTypes);
        }

        /** Without a cap. */
        public Declaration(
                String provider,
                double workUnitsPerSecond,
                int slots,
                List<String> taskTypes,
                Optional<String> stake,
                Optional<Block> block) {
            this(provider, workUnitsPerSecond, slots, taskTypes, stake, Optional.empty(), block);
        }

        /** Whether the stake stands for less than what is declared. */
        public boolean isCapped() {
            return cap.isPresent() && cap.get() < workUnitsPerSecond;
        }

        /** Work units per second that count: those declared, within the cap; 0 = none, or left out. */
        public double countedRate() {
            return isCapped() ? cap.orElseThrow() : workUnitsPerSecond;
        }

        /**
         * Slots that count, 0 = not declared: in a capped declaration the share that the rate has, and never more than hold
         * 100 s of the cap's work, where a request is one unit.
         */
        public int countedSlots() {
            if (slots == 0 || cap.isEmpty()) {
                return slots;
            }
            double share = isCapped() ? slots * (cap.get() / workUnitsPerSecond) : slots;
            return (int) Math.max(1, Math.ceil(Math.min(share, cap.get() * SECONDS_HELD)));
        }

        /**
         * Slots for limits that must fit before anything is seen: those declared, else what is finished in a second, else
         * {@value #UNKNOWN_SLOTS}.
         */
        public int likelySlots() {
            double likely = workUnitsPerSecond > 0 ? Math.ceil(countedRate()) : UNKNOWN_SLOTS;
            return slots > 0 ? countedSlots() : (int) Math.max(1, Math.min(1_000_000, likely));
        }

        /** Work units per second for these limits: those declared, else one per slot. */
        public double likelyRate() {
            return workUnitsPerSecond > 0 ? countedRate() : likelySlots();
        }
    }
}
