package dev.weir.sim.policy;

import dev.weir.sim.Scenario;
import dev.weir.sim.engine.Policy.End;
import dev.weir.sim.engine.World;
import dev.weir.weights.Observation;
import dev.weir.weights.Observation.MemberInput;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Observation.ProviderInput;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * What the sidecars count and what of it has reached the control plane: the observation that the core gets is made from
 * reports only, as in the real loop.
 */
final class SimulatedTelemetry {

    private final World world;
    private final Scenario scenario;
    private final Members members;
    private final Telemetry telemetry;
    private final int cells;
    /** by sidecar and cell, as the sidecar knows it */
    private final int[] gauge;

    private final int[] firsts;
    /** by cell, as ended since the last report */
    private final int[] completions;

    private final int[] failures;
    /** durations of these completions, and their squares */
    private final double[] seconds;

    private final double[] squares;
    /** as the control plane knows it */
    private final int[] knownGauge;

    private final long[] seenGauge;
    private final long[] seenFirsts;
    private final long[] seenCompletions;
    private final long[] seenFailures;
    private final double[] seenSeconds;
    private final double[] seenSquares;
    private final Deque<Report> underway = new ArrayDeque<>();
    private double newestReport = Double.NaN;

    SimulatedTelemetry(World world, Members members, Telemetry telemetry) {
        this.world = world;
        this.scenario = world.scenario();
        this.members = members;
        this.telemetry = telemetry;
        this.cells = members.cells();
        this.gauge = new int[scenario.sidecars() * cells];
        this.firsts = new int[scenario.sidecars() * cells];
        this.completions = new int[cells];
        this.failures = new int[cells];
        this.seconds = new double[cells];
        this.squares = new double[cells];
        this.knownGauge = new int[scenario.sidecars() * cells];
        this.seenGauge = new long[cells];
        this.seenFirsts = new long[cells];
        this.seenCompletions = new long[cells];
        this.seenFailures = new long[cells];
        this.seenSeconds = new double[cells];
        this.seenSquares = new double[cells];
    }

    void sent(int pool, int sidecar, int provider, boolean first) {
        int at = sidecar * cells + members.cell(pool, provider);
        gauge[at]++;
        if (first) {
            firsts[at]++;
        }
    }

    void ended(int pool, int sidecar, int provider, End end, double took) {
        int cell = members.cell(pool, provider);
        gauge[sidecar * cells + cell]--;
        switch (end) {
            case OK -> {
                completions[cell]++;
                seconds[cell] += took;
                squares[cell] += took * took;
            }
            case REFUSED, TIMED_OUT -> failures[cell]++;
            case BOUNCED -> {
                // working as intended: no failure
            }
        }
    }

    /** Makes a report of one sidecar, or of all for -1. */
    void report(int sidecar) {
        boolean all = sidecar < 0;
        int from = all ? 0 : sidecar * cells;
        int length = all ? gauge.length : cells;
        int[] counted = new int[length];
        int[] issued = new int[length];
        System.arraycopy(gauge, from, counted, 0, length);
        System.arraycopy(firsts, from, issued, 0, length);
        Arrays.fill(firsts, from, from + length, 0);
        int[] done = new int[all ? cells : 0];
        int[] failed = new int[all ? cells : 0];
        double[] took = new double[all ? cells : 0];
        double[] squared = new double[all ? cells : 0];
        for (int c = 0; c < done.length; c++) {
            done[c] = completions[c];
            failed[c] = failures[c];
            took[c] = seconds[c];
            squared[c] = squares[c];
            clear(c);
        }
        underway.add(new Report(world.now(), sidecar, counted, issued, done, failed, took, squared));
    }

    /** All that is known now; counts start again. */
    Observation observe() {
        double now = world.now();
        while (!underway.isEmpty() && underway.peek().madeAt + telemetry.delaySeconds() <= now + 1e-9) {
            receive(underway.remove());
        }
        if (telemetry.phase() == Telemetry.Phase.SPREAD) {
            for (int c = 0; c < cells; c++) {
                seenCompletions[c] += completions[c];
                seenFailures[c] += failures[c];
                seenSeconds[c] += seconds[c];
                seenSquares[c] += squares[c];
                clear(c);
            }
        }
        Observation observation = assemble(now);
        Arrays.fill(seenFirsts, 0);
        Arrays.fill(seenCompletions, 0);
        Arrays.fill(seenFailures, 0);
        Arrays.fill(seenSeconds, 0);
        Arrays.fill(seenSquares, 0);
        return observation;
    }

    private void clear(int cell) {
        completions[cell] = 0;
        failures[cell] = 0;
        seconds[cell] = 0;
        squares[cell] = 0;
    }

    /** Requests in flight by provider, over all pools, as last reported. */
    long[] inFlight() {
        long[] sums = new long[scenario.providers().size()];
        for (int p = 0; p < members.providers.length; p++) {
            int cell = members.firstCell(p);
            for (int provider : members.providers[p]) {
                sums[provider] += seenGauge[cell++];
            }
        }
        return sums;
    }

    private void receive(Report report) {
        int from = report.sidecar < 0 ? 0 : report.sidecar * cells;
        for (int i = 0; i < report.gauge.length; i++) {
            int cell = i % cells;
            seenGauge[cell] += report.gauge[i] - knownGauge[from + i];
            knownGauge[from + i] = report.gauge[i];
            seenFirsts[cell] += report.firsts[i];
        }
        for (int c = 0; c < report.completions.length; c++) {
            seenCompletions[c] += report.completions[c];
            seenFailures[c] += report.failures[c];
            seenSeconds[c] += report.seconds[c];
            seenSquares[c] += report.squares[c];
        }
        newestReport = report.madeAt;
    }

    private Observation assemble(double now) {
        List<PoolInput> pools = new ArrayList<>();
        for (int p = 0; p < scenario.pools().size(); p++) {
            List<MemberInput> inputs = new ArrayList<>();
            int cell = members.firstCell(p);
            for (int provider : members.providers[p]) {
                inputs.add(new MemberInput(
                        scenario.providers().get(provider).name(),
                        seenGauge[cell],
                        seenFirsts[cell],
                        seenCompletions[cell],
                        seenFailures[cell],
                        false,
                        0,
                        seenSeconds[cell],
                        seenSquares[cell],
                        0,
                        0));
                cell++;
            }
            pools.add(new PoolInput(scenario.pools().get(p).name(), inputs, 1000, 1));
        }
        long age = Double.isNaN(newestReport) ? -1 : Math.round((now - newestReport) * 1e9);
        List<ProviderInput> providers = new ArrayList<>();
        for (Scenario.Provider provider : scenario.providers()) {
            providers.add(new ProviderInput(provider.name(), provider.declaredCapacity(), provider.slots(), age));
        }
        return new Observation(Math.round(now * 1e9), false, pools, providers);
    }

    private static final class Report {
        final double madeAt;
        /** the sender, or -1 = all of them at once */
        final int sidecar;

        final int[] gauge;
        final int[] firsts;
        final int[] completions;
        final int[] failures;
        final double[] seconds;
        final double[] squares;

        Report(
                double madeAt,
                int sidecar,
                int[] gauge,
                int[] firsts,
                int[] completions,
                int[] failures,
                double[] seconds,
                double[] squares) {
            this.madeAt = madeAt;
            this.sidecar = sidecar;
            this.gauge = gauge;
            this.firsts = firsts;
            this.completions = completions;
            this.failures = failures;
            this.seconds = seconds;
            this.squares = squares;
        }
    }
}
