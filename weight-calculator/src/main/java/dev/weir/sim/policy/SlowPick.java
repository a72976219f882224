package dev.weir.sim.policy;

import dev.weir.sim.Scenario;
import dev.weir.sim.engine.Policy;
import dev.weir.sim.engine.World;
import dev.weir.weights.pick.Handover;
import dev.weir.weights.pick.LeastWait;
import dev.weir.weights.pick.PickGain;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;

/**
 * Governed mode with a starved control plane, for one pool: every answer takes its time, the choice being made halfway, and
 * ends are heard of late. A request without an answer in time takes the split. With a {@link Handover} the pool goes by its split, but for one request in {@value #ASKS}, while that is
 * the better way.
 */
public final class SlowPick implements Policy {
    private static final int END = Control.CODES;
    private static final int ASKS = 32;
    /** A sidecar that has no answer by then takes the split. */
    private static final double MAX_CHECK_SECONDS = 0.05;

    private static final double TICK_SECONDS = 0.25;

    private final World world;
    private final Members members;
    private final Control control;
    private final double checkSeconds;
    private final double recordSeconds;
    private final Optional<Handover> handover;
    private final GovernedChoice choice;
    private final Draw draw;
    private final double serviceSeconds;
    private final double gainSeconds;
    private final int decide;
    private final int send;
    private final int giveUp;
    private final int look;
    private final Deque<Integer> decided = new ArrayDeque<>();
    private boolean over;
    private int asked;

    /**
     * @param checkSeconds what an answer takes
     * @param recordSeconds from an end to the picker's knowing
     * @param handover empty = the pool is governed whatever that costs
     * @param rule the slow loop's
     */
    public SlowPick(
            World world, double checkSeconds, double recordSeconds, Optional<Handover> handover, Rule.Maker rule) {
        this.world = world;
        this.checkSeconds = checkSeconds;
        this.recordSeconds = recordSeconds;
        this.handover = handover;
        Scenario scenario = world.scenario();
        int n = scenario.providers().size();
        this.members = new Members(scenario);
        int[] slots =
                scenario.providers().stream().mapToInt(Scenario.Provider::slots).toArray();
        double[] capacity = scenario.providers().stream()
                .mapToDouble(Scenario.Provider::declaredCapacity)
                .toArray();
        double all = Arrays.stream(capacity).sum();
        this.serviceSeconds = Arrays.stream(slots).sum() / all;
        this.gainSeconds =
                PickGain.seconds(slots, capacity, scenario.pools().get(0).rate() / all);
        this.choice = new GovernedChoice(scenario);
        this.draw = Draw.golden(world.random());
        draw.weights(Arrays.stream(capacity).mapToInt(mu -> (int) (1_000 * mu)).toArray());
        this.decide = END + n;
        this.send = decide + 1;
        this.giveUp = send + 1;
        this.look = giveUp + 1;
        this.control = new Control(
                world,
                members,
                rule.make(scenario, TICK_SECONDS),
                TICK_SECONDS,
                Telemetry.loadReports(TICK_SECONDS),
                this::answered);
    }

    @Override
    public void start() {
        control.start();
        world.wakeIn(1, look);
    }

    @Override
    public int pick(int pool, int sidecar) {
        if (over && ++asked % ASKS != 0) {
            return bySplit();
        }
        if (checkSeconds > MAX_CHECK_SECONDS) {
            world.wakeIn(MAX_CHECK_SECONDS, giveUp);
        } else {
            world.wakeIn(checkSeconds / 2, decide);
        }
        return HOLD;
    }

    private int bySplit() {
        int provider = members.providers[0][draw.next()];
        choice.grant(provider); // the gauges show it
        return provider;
    }

    @Override
    public int pickAgain(int pool, int sidecar, int failed) {
        int provider = picked();
        choice.grant(provider);
        return provider;
    }

    private int picked() {
        int[] all = members.providers[0];
        int best = choice.best(all, LeastWait.NONE);
        return best == LeastWait.NONE ? all[0] : best;
    }

    @Override
    public void sent(int pool, int sidecar, int provider, boolean first) {
        control.sent(pool, sidecar, provider, first);
    }

    @Override
    public void ended(int pool, int sidecar, int provider, End end, double seconds) {
        control.ended(pool, sidecar, provider, end, seconds);
        world.wakeIn(recordSeconds, END + provider);
    }

    @Override
    public void wake(int code) {
        if (control.wake(code)) {
            return;
        }
        if (code == look) {
            over = handover.map(each -> each.look(
                            checkSeconds, recordSeconds, serviceSeconds, gainSeconds, Math.round(world.now() * 1e9)))
                    .orElse(false);
            world.wakeIn(1, look);
        } else if (code == decide) {
            int provider = picked();
            decided.add(provider);
            choice.grant(provider);
            world.wakeIn(checkSeconds / 2, send);
        } else if (code == giveUp) {
            world.release(0, bySplit());
        } else if (code == send) {
            world.release(0, decided.remove());
        } else {
            choice.end(code - END);
        }
    }

    private void answered(Answer answer, long[] inFlight) {
        if (answer.push()) {
            draw.weights(answer.weights()[0]);
        }
        choice.answered(answer);
    }

    @Override
    public Deeds deeds() {
        return new Deeds(control.ticks(), control.released(), control.shareMove());
    }
}
