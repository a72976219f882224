package dev.weir.weights.story;

import dev.weir.weights.Calculator;
import dev.weir.weights.Observation;
import dev.weir.weights.Observation.MemberInput;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Observation.ProviderInput;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.weights.Proposal.Status;
import dev.weir.weights.Settings;
import dev.weir.weights.pick.LeastWait;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * Agents in a closed loop, each with one call at a time, before providers whose declared figures need not be true; simulated time in
 * steps of {@link #STEP} s, a decision each {@link #TICK} s from gauges and records as the control plane would have them.
 */
final class Agents {
    static final double STEP = 0.01;
    static final double TICK = 0.25;

    /** How calls find their provider. */
    enum Way {
        /** drawn by the pushed split */
        SPLIT,
        /** the least expected wait */
        PICK,
        /** the same, held until there is room */
        POOL_QUEUE
    }

    /**
     * @param slots true ones
     * @param seconds mean of a call, by pool
     * @param claimed units per second; 0 = left out
     * @param claimedSlots 0 = left out
     */
    record Provider(int slots, List<Double> seconds, double claimed, int claimedSlots) {}

    /** What came of it, after the warm-up. */
    record Outcome(
            int completed, double median, int suspensions, List<Status> last, Proposal proposal, List<String> story) {}

    private static final class Call {
        final int pool;
        final double asked;
        double sent;
        double left;

        Call(int pool, double asked, double left) {
            this.pool = pool;
            this.asked = asked;
            this.left = left;
        }
    }

    final List<Provider> providers;
    final Way way;
    final int[] agentsOfPool;
    /** Draws a size with mean 1. */
    ToDoubleFunction<SplittableRandom> law = r -> -Math.log(1 - r.nextDouble());
    /** From when on a provider hangs; and in which pool only, -1 = all. */
    int hangs = -1;

    int hangsInPool = -1;
    double hangsFrom = Double.POSITIVE_INFINITY;
    double hangsTo = Double.POSITIVE_INFINITY;
    /** Whether what hangs still sends bytes: a stream without an end. */
    boolean bytesFlow;

    private final SplittableRandom random;
    private final List<List<Call>> at = new ArrayList<>();
    private final List<Deque<Call>> queued = new ArrayList<>();
    private final Deque<Call> held = new ArrayDeque<>();
    private final LeastWait choice;
    private final long[][] firsts;
    private final long[][] done;
    private final double[][] doneSeconds;
    private final double[][] doneSquares;
    private int sentIntoHang;

    Agents(List<Provider> providers, Way way, int[] agentsOfPool, long seed) {
        this.providers = providers;
        this.way = way;
        this.agentsOfPool = agentsOfPool;
        this.random = new SplittableRandom(seed);
        this.choice = new LeastWait(providers.size());
        int n = providers.size();
        firsts = new long[agentsOfPool.length][n];
        done = new long[agentsOfPool.length][n];
        doneSeconds = new double[agentsOfPool.length][n];
        doneSquares = new double[agentsOfPool.length][n];
        for (int k = 0; k < n; k++) {
            at.add(new ArrayList<>());
            queued.add(new ArrayDeque<>());
        }
    }

    int sentIntoHang() {
        return sentIntoHang;
    }

    Outcome run(double warmUp, double seconds) {
        Calculator calculator = new Calculator(Settings.DEFAULTS, null);
        Proposal proposal = calculator.tick(observe(0));
        Proposal released = proposal;
        know(proposal);
        List<Call> idle = new ArrayList<>();
        for (int t = 0; t < agentsOfPool.length; t++) {
            for (int i = 0; i < agentsOfPool[t]; i++) {
                idle.add(new Call(t, 0, 0));
            }
        }
        List<Double> times = new ArrayList<>();
        List<String> story = new ArrayList<>();
        int suspensions = 0;
        boolean[] out = new boolean[providers.size()];
        int steps = (int) Math.round((warmUp + seconds) / STEP);
        int perTick = (int) Math.round(TICK / STEP);
        for (int step = 1; step <= steps; step++) {
            double now = step * STEP;
            for (Call call : idle) {
                Call next = new Call(call.pool, now, law.applyAsDouble(random));
                if (way == Way.POOL_QUEUE) {
                    held.add(next);
                } else {
                    send(next, way == Way.SPLIT ? draw(released, call.pool) : choice(false), now);
                }
            }
            idle.clear();
            release(now);
            serve(now, warmUp, idle, times);
            if (step % perTick == 0) {
                proposal = calculator.tick(observe((long) (now * 1e9)));
                released = proposal.release().released() ? proposal : released;
                know(proposal);
                for (int k = 0; k < out.length; k++) {
                    ProviderState state = proposal.providers().get(k);
                    boolean suspended = state.status() == Status.STALLED;
                    if (suspended && !out[k]) {
                        suspensions++;
                        story.add(now + " s: " + state.id() + ": " + state.reason());
                    }
                    out[k] = suspended;
                }
            }
        }
        times.sort(Double::compare);
        return new Outcome(
                times.size(),
                times.isEmpty() ? Double.NaN : times.get(times.size() / 2),
                suspensions,
                proposal.providers().stream().map(ProviderState::status).toList(),
                proposal,
                story);
    }

    private void release(double now) {
        while (!held.isEmpty()) {
            int k = choice(true);
            if (k == LeastWait.NONE) {
                return;
            }
            send(held.remove(), k, now);
        }
    }

    private int draw(Proposal split, int pool) {
        int draw = random.nextInt(1_000_000);
        for (int k = 0; k < providers.size(); k++) {
            draw -= split.pools().get(pool).members().get(k).weight();
            if (draw < 0) {
                return k;
            }
        }
        return providers.size() - 1;
    }

    private int choice(boolean mayWait) {
        int[] all = new int[providers.size()];
        Arrays.setAll(all, k -> k);
        if (mayWait) {
            choice.chooseWithRoom(all, all.length, LeastWait.NONE);
        } else {
            choice.choose(all, all.length, LeastWait.NONE);
            if (choice.first() == LeastWait.NONE) {
                return random.nextInt(all.length);
            }
        }
        return choice.first();
    }

    private void send(Call call, int k, double now) {
        call.sent = now;
        call.left *= providers.get(k).seconds.get(call.pool);
        sentIntoHang += hung(k, call.pool, now) ? 1 : 0;
        firsts[call.pool][k]++;
        choice.grant(k);
        queued.get(k).add(call);
    }

    private boolean hung(int k, int pool, double now) {
        return k == hangs && (hangsInPool < 0 || hangsInPool == pool) && now >= hangsFrom && now < hangsTo;
    }

    private void serve(double now, double warmUp, List<Call> idle, List<Double> times) {
        for (int k = 0; k < providers.size(); k++) {
            List<Call> busy = at.get(k);
            while (busy.size() < providers.get(k).slots && !queued.get(k).isEmpty()) {
                busy.add(queued.get(k).remove());
            }
            for (int i = busy.size() - 1; i >= 0; i--) {
                Call call = busy.get(i);
                if (!hung(k, call.pool, now)) {
                    call.left -= STEP;
                }
                if (call.left <= 0) {
                    busy.remove(i);
                    choice.end(k);
                    double took = now - call.sent;
                    done[call.pool][k]++;
                    doneSeconds[call.pool][k] += took;
                    doneSquares[call.pool][k] += took * took;
                    if (now > warmUp) {
                        times.add(now - call.asked);
                    }
                    idle.add(call);
                }
            }
        }
    }

    private void know(Proposal proposal) {
        for (int k = 0; k < providers.size(); k++) {
            ProviderState state = proposal.providers().get(k);
            if (state.trustedCapacity() <= 0) {
                continue;
            }
            int slots = Math.max(1, state.slots());
            double share = state.declaredCapacity() > 0 ? state.trustedCapacity() / state.declaredCapacity() : 1;
            int warm = state.status() == Status.RAMPING
                    ? (int) Math.max(1, Math.floor(slots * Math.min(1, share)))
                    : slots;
            choice.setState(k, slots, warm, state.trustedCapacity(), 1, 1, state.status() != Status.STALLED);
        }
    }

    private Observation observe(long nanos) {
        List<ProviderInput> inputs = new ArrayList<>();
        for (int k = 0; k < providers.size(); k++) {
            Provider provider = providers.get(k);
            inputs.add(new ProviderInput("p" + k, provider.claimed, 1e12, provider.claimedSlots, 100_000_000, 0));
        }
        List<PoolInput> pools = new ArrayList<>();
        for (int t = 0; t < agentsOfPool.length; t++) {
            List<MemberInput> members = new ArrayList<>();
            for (int k = 0; k < providers.size(); k++) {
                int pool = t;
                long inFlight = at.get(k).stream().filter(c -> c.pool == pool).count()
                        + queued.get(k).stream().filter(c -> c.pool == pool).count();
                boolean stuck = hung(k, t, nanos * 1e-9);
                long flowing = bytesFlow
                        ? at.get(k).stream()
                                .filter(c -> c.pool == pool && stuck)
                                .count()
                        : 0;
                members.add(new MemberInput(
                        "p" + k,
                        inFlight,
                        firsts[t][k],
                        done[t][k],
                        0,
                        false,
                        0,
                        doneSeconds[t][k],
                        doneSquares[t][k],
                        flowing,
                        0));
                firsts[t][k] = 0;
                done[t][k] = 0;
                doneSeconds[t][k] = 0;
                doneSquares[t][k] = 0;
            }
            pools.add(new PoolInput("t" + t, members, 100, 1));
        }
        return new Observation(nanos, false, pools, inputs);
    }
}
