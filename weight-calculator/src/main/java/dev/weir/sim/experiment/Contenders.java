package dev.weir.sim.experiment;

import dev.weir.sim.policy.Bounce;
import dev.weir.sim.policy.ClientSideWrr;
import dev.weir.sim.policy.GovernedPolicy;
import dev.weir.sim.policy.HotCold;
import dev.weir.sim.policy.JsqPolicy;
import dev.weir.sim.policy.PooledQueue;
import dev.weir.sim.policy.PushedSplit;
import dev.weir.sim.policy.PushedSplit.Delay;
import dev.weir.sim.policy.PushedSplit.Pick;
import dev.weir.sim.policy.PushedSplit.Setup;
import dev.weir.sim.policy.Rule;
import dev.weir.sim.policy.Rules;
import dev.weir.sim.policy.Telemetry;
import dev.weir.sim.policy.TwoChoices;
import dev.weir.sim.policy.WeightedLeastRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The policies that tables compare, set up as they are deployed. */
public final class Contenders {
    /** Lag from a request's end to the picker's knowing: attempt records streamed without a buffer. */
    private static final double RECORD_LAG_SECONDS = 0.001;

    private static final double HOLD_LAG_SECONDS = 0.003;

    private Contenders() {}

    /** Clairvoyant join-the-shortest-queue: what others are divided by. */
    public static Contender jsq() {
        return new Contender("JSQ, clairvoyant", JsqPolicy::new);
    }

    /** One queue for all, exact and at once. */
    public static Contender pooledBound() {
        return new Contender("pooled queue, clairvoyant", w -> new PooledQueue(w, 0, 0));
    }

    public static Contender governed() {
        return new Contender("ours: governed pick", w -> new GovernedPolicy(w, RECORD_LAG_SECONDS, Rules.core()));
    }

    /** A queue at the check, which holds a request until a provider has room. */
    public static Contender pooled() {
        return new Contender("ours: pooled queue", w -> new PooledQueue(w, HOLD_LAG_SECONDS, 1));
    }

    public static Contender bounce(double tickSeconds, double margin) {
        return pushed("ours: smooth + bounce", Rules.core(), Pick.SMOOTH, tickSeconds, new Bounce(margin));
    }

    public static Contender smooth(double tickSeconds) {
        return pushed("ours: smooth", Rules.core(), Pick.SMOOTH, tickSeconds, null);
    }

    public static Contender random(double tickSeconds) {
        return pushed("ours: random", Rules.core(), Pick.RANDOM, tickSeconds, null);
    }

    public static Contender wrr(Pick pick) {
        String how = pick == Pick.RANDOM ? "random" : pick == Pick.SMOOTH ? "smooth" : "EDF";
        return pushed("WRR, " + how, Rules.wrr(), pick, 0.25, null);
    }

    /** A rule of the table, by random draws from exact gauges each {@code tickSeconds}. */
    public static Contender rule(String name, Rule.Maker rule, double tickSeconds) {
        return pushed(name, rule, Pick.RANDOM, tickSeconds, null);
    }

    /** A split on exact gauges for one sidecar. */
    public static Contender pushed(
            String name, Rule.Maker rule, Pick pick, double tickSeconds, @Nullable Bounce bounce) {
        return pushed(name, new Setup(rule, pick, tickSeconds, Telemetry.exact(tickSeconds), Delay.SHORT, bounce));
    }

    public static Contender pushed(String name, Setup setup) {
        return new Contender(name, w -> new PushedSplit(w, setup));
    }

    public static Contender twoChoices() {
        return new Contender("P2C, own counts", TwoChoices::new);
    }

    public static Contender weightedLeastRequest() {
        return new Contender("weighted least request", WeightedLeastRequest::new);
    }

    public static Contender clientSideWrr() {
        return new Contender("client-side WRR", ClientSideWrr::new);
    }

    public static Contender hotCold() {
        return new Contender("hot/cold probes", HotCold::new);
    }

    /** All contenders, the best known first. */
    public static List<Contender> all(double tickSeconds) {
        return List.of(
                jsq(),
                governed(),
                pooled(),
                bounce(tickSeconds, 0.5),
                smooth(tickSeconds),
                random(tickSeconds),
                wrr(Pick.SMOOTH),
                wrr(Pick.EDF),
                wrr(Pick.RANDOM),
                weightedLeastRequest(),
                clientSideWrr(),
                hotCold(),
                rule("headroom", Rules.headroom(), tickSeconds),
                rule("differential backlog", Rules.differential(), tickSeconds),
                rule("softmax, .3 s", Rules.softmax(0.3), tickSeconds),
                rule("max-weight argmax", Rules.argmax(), tickSeconds),
                twoChoices());
    }
}
