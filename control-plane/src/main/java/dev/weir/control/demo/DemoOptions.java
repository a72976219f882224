package dev.weir.control.demo;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the demo's user wants.
 *
 * @param story what happens
 * @param policies to be played, in this order: {@code wrr}, {@code water-filling}
 * @param mode how water-filling corrects its split
 * @param keep stay up at the end
 * @param json file for the figures
 * @param plot file for the curves
 */
public record DemoOptions(
        Story story, List<String> policies, Mode mode, boolean keep, Optional<Path> json, Optional<Path> plot) {
    public static final String WRR = "wrr";
    public static final String WATER_FILLING = "water-filling";

    /** What corrects the split at the last moment. */
    public enum Mode {
        /** nothing */
        SPLIT,
        /** the providers' side, which refuses what would wait longer there than elsewhere */
        BOUNCE,
        /** a check per request, which picks the provider; behind it the side */
        GOVERNED;

        static Mode of(String text) {
            return switch (text) {
                case "split" -> SPLIT;
                case "bounce" -> BOUNCE;
                case "governed" -> GOVERNED;
                default -> throw refusal("--mode", text, "governed, bounce or split");
            };
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final int MIN_SECONDS = 6;
    /** Every call is kept until the end, in a small heap. */
    private static final int MAX_SECONDS = 240;

    /** More than everybody can serve, so that the end of queues can be seen. */
    private static final double MAX_LOAD = 1.5;

    public DemoOptions {
        policies = List.copyOf(policies);
    }

    /**
     * Reads options from text; throws {@link IllegalArgumentException} with option, value and expectation.
     *
     * @param policy {@code water-filling}, {@code wrr} or {@code both}
     * @param mode {@code governed}, {@code bounce} or {@code split}
     * @param event {@code slow}, {@code stall} or {@code none}
     */
    public static DemoOptions of(
            int seconds,
            double load,
            String policy,
            String mode,
            String event,
            long seed,
            boolean keep,
            Optional<Path> json,
            Optional<Path> plot) {
        if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
            throw refusal("--seconds", seconds, "a whole number from " + MIN_SECONDS + " to " + MAX_SECONDS);
        }
        if (!(load >= 0.05 && load <= MAX_LOAD)) {
            throw refusal("--load", load, "a number from 0.05 to " + MAX_LOAD + ", a part of the true capacity");
        }
        List<String> policies = switch (policy) {
            case "both" -> List.of(WRR, WATER_FILLING);
            case WRR, WATER_FILLING -> List.of(policy);
            default -> throw refusal("--policy", policy, "water-filling, wrr or both");
        };
        Story.Event what = switch (event) {
            case "slow" -> Story.Event.SLOW;
            case "stall" -> Story.Event.STALL;
            case "none" -> Story.Event.NONE;
            default -> throw refusal("--event", event, "slow, stall or none");
        };
        writable("--json", json);
        writable("--plot", plot);
        return new DemoOptions(new Story(seconds, load, what, seed), policies, Mode.of(mode), keep, json, plot);
    }

    /** Refuses a file that cannot be written, at the start and not after minutes of play. */
    private static void writable(String option, Optional<Path> file) {
        file.map(path -> path.toAbsolutePath().normalize()).ifPresent(path -> {
            Path folder = path.getParent();
            if (folder == null
                    || !folder.toFile().isDirectory()
                    || path.toFile().isDirectory()) {
                throw refusal(option, path, "a file in a folder that exists");
            }
        });
    }

    private static IllegalArgumentException refusal(String option, Object value, String expectation) {
        return new IllegalArgumentException(option + ": " + value + " (expected: " + expectation + ")");
    }
}
