package dev.weir.sim.policy;

import dev.weir.sim.engine.Policy.End;
import dev.weir.sim.engine.World;

/** The slow loop: reports in, a tick each T, answers out. Owns the wake codes below {@link #CODES}. */
final class Control {
    /** Wake codes from here on are the policy's. */
    static final int CODES = 1 << 13;

    private static final int TICK = 4096;
    private static final int SNAPSHOT = 4097;

    private final World world;
    private final Rule rule;
    private final Telemetry telemetry;
    private final double tickSeconds;
    private final Listener listener;
    private final SimulatedTelemetry books;
    private int[][] last = new int[0][];
    private long ticks;
    private long released;
    private double moved;

    /** Acts on answers; {@code inFlight} is by provider, as reported. */
    @FunctionalInterface
    interface Listener {
        void answered(Answer answer, long[] inFlight);
    }

    Control(World world, Members members, Rule rule, double tickSeconds, Telemetry telemetry, Listener listener) {
        this.world = world;
        this.rule = rule;
        this.telemetry = telemetry;
        this.tickSeconds = tickSeconds;
        this.listener = listener;
        this.books = new SimulatedTelemetry(world, members, telemetry);
    }

    void start() {
        double interval = telemetry.intervalSeconds();
        if (telemetry.phase() == Telemetry.Phase.SPREAD) {
            for (int s = 0; s < world.scenario().sidecars(); s++) {
                world.wakeIn(interval * world.random().nextDouble(), s);
            }
        } else if (telemetry.delaySeconds() > 0) {
            double lead = Math.ceil(telemetry.delaySeconds() / tickSeconds) * tickSeconds - telemetry.delaySeconds();
            world.wakeIn(lead, SNAPSHOT);
        }
        tick();
    }

    /** Whether the code was the loop's own. */
    boolean wake(int code) {
        if (code >= CODES) {
            return false;
        }
        if (code == TICK) {
            tick();
        } else if (code == SNAPSHOT) {
            books.report(-1);
            world.wakeIn(tickSeconds, SNAPSHOT);
        } else {
            books.report(code);
            world.wakeIn(telemetry.intervalSeconds(), code);
        }
        return true;
    }

    private void tick() {
        if (telemetry.phase() == Telemetry.Phase.ALIGNED && telemetry.delaySeconds() == 0) {
            books.report(-1);
        }
        Answer answer = rule.tick(books.observe());
        ticks++;
        released += answer.push() ? 1 : 0;
        if (last.length > 0) {
            moved += move(last, answer.weights());
        }
        last = answer.weights();
        listener.answered(answer, books.inFlight());
        world.wakeIn(tickSeconds, TICK);
    }

    /** L1 distance of shares, mean over pools. */
    private static double move(int[][] before, int[][] after) {
        double sum = 0;
        for (int p = 0; p < before.length; p++) {
            double totalBefore = Math.max(1, total(before[p]));
            double totalAfter = Math.max(1, total(after[p]));
            for (int i = 0; i < before[p].length; i++) {
                sum += Math.abs(before[p][i] / totalBefore - after[p][i] / totalAfter);
            }
        }
        return sum / before.length;
    }

    private static long total(int[] weights) {
        long sum = 0;
        for (int weight : weights) {
            sum += weight;
        }
        return sum;
    }

    void sent(int pool, int sidecar, int provider, boolean first) {
        books.sent(pool, sidecar, provider, first);
    }

    void ended(int pool, int sidecar, int provider, End end, double seconds) {
        books.ended(pool, sidecar, provider, end, seconds);
    }

    long ticks() {
        return ticks;
    }

    long released() {
        return released;
    }

    double shareMove() {
        return ticks > 1 ? moved / (ticks - 1) : 0;
    }
}
