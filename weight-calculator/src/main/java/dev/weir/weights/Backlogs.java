package dev.weir.weights;

import dev.weir.weights.estimate.BacklogPredictor;
import dev.weir.weights.split.ExpectedQueue;
import dev.weir.weights.split.SplitProblem;
import dev.weir.weights.split.SquareRootSlack;
import java.util.Arrays;

/**
 * One tick's backlog, capacity and horizon as a {@link SplitProblem} wants them.
 *
 * <pre>
 *   b_k = w (N_k - s_k)      N predicted to now; as far as the gauge is believed, else as full as the others on average;
 *                            not below -mu_k min_j S_j over those that share pools
 *       + o_k                square-root slack, as far as the gauge is believed
 *       + V cost_k mu_k      V seconds of delay are accepted to save one unit of cost per unit of work
 *   H   = max(T, D)          D = age of the gauges when the pushed split acts, half a tick after now on average</pre>
 *
 * The bound from below is there because free slots are no store of work: unbounded, a provider with a long service time
 * would look emptier than a fast one that is just as idle.
 */
final class Backlogs {
    private static final double MAX_HORIZON_SECONDS = 10;

    private final Topology topology;
    private final double tickSeconds;
    private final SquareRootSlack slack = new SquareRootSlack();
    private final double[] backlog;
    private final double[] offset;
    private final double[] arrivals;
    private final double[] leastService;
    private final double[] service;
    private final double[] peak;
    private final boolean[] serves;
    private double meanServiceSeconds;

    Backlogs(Topology topology, double tickSeconds) {
        this.topology = topology;
        this.tickSeconds = tickSeconds;
        int n = topology.providers();
        backlog = new double[n];
        offset = new double[n];
        arrivals = new double[n];
        leastService = new double[n];
        service = new double[n];
        peak = new double[n];
        serves = new boolean[n];
    }

    /** Fills {@code problem.backlog}, {@code waiting}, {@code capacity} and {@code horizon}, and which provider is where. */
    void formulate(Membership now, double costSeconds, SplitProblem problem, ExpectedQueue queue) {
        horizon(now, problem);
        arrivals(now);
        predicted(now, problem, queue);
        bounded(now, problem);
        slack.offsets(topology.component, serves, problem.capacity, service, peak, problem.horizon, offset);
        for (int k = 0; k < backlog.length; k++) {
            double cost = costSeconds * now.in.cost[k] * problem.capacity[k];
            problem.waiting[k] = backlog[k] + cost;
            problem.backlog[k] = problem.waiting[k] + now.providers[k].freshness() * offset[k];
        }
    }

    private void horizon(Membership now, SplitProblem problem) {
        long oldest = 0;
        for (int k = 0; k < serves.length; k++) {
            serves[k] = now.providers[k].serves();
            if (serves[k] && now.providers[k].freshness() == 1) {
                oldest = Math.max(oldest, now.in.ageNanos[k]);
            }
        }
        double age = oldest * 1e-9 + tickSeconds / 2;
        problem.horizon = Math.min(MAX_HORIZON_SECONDS, Math.max(tickSeconds, age));
    }

    /** Requests per second that flow to each provider under the split in force, and the peak of what its group is offered. */
    private void arrivals(Membership now) {
        Arrays.fill(arrivals, 0);
        Arrays.fill(peak, 0);
        for (int t = 0; t < topology.pools(); t++) {
            int group = -1;
            for (int e = topology.poolStart[t]; e < topology.poolStart[t + 1]; e++) {
                if (topology.usable[e]) {
                    int k = topology.provider[e];
                    arrivals[k] += now.pools[t].demand.fast() * now.inForceWeight[e] / Proposal.TOTAL_WEIGHT;
                    group = topology.component[k];
                }
            }
            if (group >= 0) {
                peak[group] += now.pools[t].demand.peak() * now.in.workPerRequest[t];
            }
        }
    }

    private void predicted(Membership now, SplitProblem problem, ExpectedQueue queue) {
        Arrays.fill(leastService, Double.POSITIVE_INFINITY);
        for (int k = 0; k < backlog.length; k++) {
            ProviderTrack track = now.providers[k];
            double w = now.totals[k].workPerRequest();
            double mu = track.usableCapacity();
            problem.capacity[k] = mu > 0 ? mu : 1;
            double slots = track.slots() * track.usableSlots();
            service[k] = slots * w / problem.capacity[k];
            double inFlight = now.totals[k].inFlight();
            double moved = 0;
            if (serves[k] && track.freshness() == 1) {
                double age = now.in.ageNanos[k] * 1e-9;
                moved = BacklogPredictor.after(inFlight, arrivals[k], slots, service[k], age) - inFlight;
            }
            queue.present[k] = inFlight + moved;
            queue.slots[k] = slots;
            queue.serviceSeconds[k] = service[k];
            queue.workPerRequest[k] = w;
            backlog[k] = now.totals[k].backlogWork() + w * (moved - slots);
            if (track.status().takesTraffic()) {
                int c = topology.component[k];
                leastService[c] = Math.min(leastService[c], service[k]);
            }
        }
    }

    private void bounded(Membership now, SplitProblem problem) {
        double known = 0;
        double knownCapacity = 0;
        double busy = 0;
        double capacity = 0;
        for (int k = 0; k < backlog.length; k++) {
            double floor = -problem.capacity[k] * leastService[topology.component[k]];
            backlog[k] = now.providers[k].status().takesTraffic() ? Math.max(floor, backlog[k]) : 0;
            if (serves[k]) {
                double fresh = now.providers[k].freshness();
                busy += now.providers[k].serviceSeconds() * problem.capacity[k];
                capacity += problem.capacity[k];
                known += fresh * backlog[k];
                knownCapacity += fresh * problem.capacity[k];
            }
        }
        meanServiceSeconds = capacity > 0 ? busy / capacity : 0;
        double mean = knownCapacity > 0 ? known / knownCapacity : 0;
        for (int k = 0; k < backlog.length; k++) {
            double fresh = now.providers[k].freshness();
            backlog[k] = fresh * backlog[k] + (1 - fresh) * mean * problem.capacity[k];
        }
    }

    /** {@code b_k} without slack and cost, work units. */
    double of(int k) {
        return backlog[k];
    }

    /** Mean service time of the providers that serve, seconds, weighted with their capacity. */
    double meanServiceSeconds() {
        return meanServiceSeconds;
    }
}
