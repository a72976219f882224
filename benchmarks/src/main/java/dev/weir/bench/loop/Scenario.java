package dev.weir.bench.loop;

/** Events and settings in which fixed weights fail. */
enum Scenario {
    STALL("stall", 40),
    SLOW("slow", 50),
    STEP("step", 50),
    WRONG_CAPACITY("wrong-capacity", 60),
    TWO_POOLS("two-pools", 50),
    HEAVY_TAIL("heavy-tail", 180),
    KILL("kill", 40),
    STARVED("starved", 40);

    private final String label;
    private final int seconds;

    Scenario(String label, int seconds) {
        this.label = label;
        this.seconds = seconds;
    }

    /** Seconds of arrivals in each run, unless told otherwise. */
    int seconds() {
        return seconds;
    }

    Experiment experiment(Settings settings) {
        return switch (this) {
            case STALL -> new Stall(settings);
            case SLOW -> Bounded.slow(settings);
            case STEP -> Bounded.step(settings);
            case WRONG_CAPACITY -> Bounded.wrongCapacity(settings);
            case TWO_POOLS -> Bounded.twoPools(settings);
            case HEAVY_TAIL -> new HeavyTail(settings);
            case KILL -> new Kill(settings);
            case STARVED -> new Starved(settings);
        };
    }

    /** Its name on the command line. */
    @Override
    public String toString() {
        return label;
    }
}
