package dev.weir.weights;

import dev.weir.weights.Proposal.Status;
import dev.weir.weights.detect.OverDeclaration;
import dev.weir.weights.detect.SizeVariability;
import dev.weir.weights.estimate.Concurrency;
import dev.weir.weights.estimate.DecayedRate;
import dev.weir.weights.estimate.Freshness;
import dev.weir.weights.estimate.Ramp;
import dev.weir.weights.estimate.StallDetector;
import dev.weir.weights.estimate.TrustedCapacity;
import org.jspecify.annotations.Nullable;

/** What is remembered of one provider from tick to tick, and what follows from it. */
final class ProviderTrack {
    private static final double RATE_SECONDS = 1;
    /** Failures above this share of all ends are more than bad luck. */
    private static final double FAILING_SHARE = 0.1;
    /** A queue of this many standard deviations of what comes and goes in a tick does not run dry in between. */
    private static final double SURELY_QUEUED = 3;
    /** And so many per second must have been seen. */
    private static final double FAILING_RATE = 3;

    private final TrustedCapacity capacity = new TrustedCapacity();
    private final Concurrency concurrency = new Concurrency();
    private final OverDeclaration claim = new OverDeclaration();
    private final StallDetector silence = new StallDetector();
    private final Ramp ramp = new Ramp();
    private final DecayedRate completed = new DecayedRate(RATE_SECONDS);
    private final DecayedRate failed = new DecayedRate(RATE_SECONDS);
    private Status status = Status.ABSENT;
    private double suspendedSeconds;
    private boolean answered;
    private boolean saturated;
    private boolean queued;
    private int slots = 1;
    private double claimed;
    private double inFlight;
    private double freshness;
    private double serviceSeconds = 1;

    /** @param restored what an earlier process thought of it, null = nothing */
    ProviderTrack(Proposal.@Nullable ProviderState restored) {
        if (restored != null && restored.declaredCapacity() > 0 && restored.trustedCapacity() > 0) {
            status = restored.status() == Status.STALLED ? Status.STALLED : Status.ABSENT;
            capacity.restore(
                    Math.min(Inputs.MOST_CAPACITY, restored.declaredCapacity()),
                    Math.min(Inputs.MOST_CAPACITY, restored.trustedCapacity()));
        }
    }

    /**
     * One tick's numbers; {@link #judge} or {@link #takeAtItsWord} follows.
     *
     * @param declaredSlots 0 = not declared
     * @param seen totals over the provider's pools
     * @param anyone whether any provider completed anything
     * @param dt seconds since the tick before
     */
    void observe(double declared, int declaredSlots, long ageNanos, ProviderTotals seen, boolean anyone, double dt) {
        freshness = Freshness.of(ageNanos);
        capacity.declare(declared, dt);
        completed.add(seen.completions(), dt);
        failed.add(seen.failures(), dt);
        answered = seen.completions() > 0;
        if (declared > 0) {
            double requests = declared / seen.workPerRequest();
            if (declared != claimed) {
                claim.clear();
                concurrency.forget();
                claimed = declared;
            }
            if (declaredSlots == 0 && freshness == 1) {
                concurrency.observe(seen.inFlight(), seen.completions(), dt);
            }
            slots = declaredSlots > 0 ? declaredSlots : concurrency.slots(seen.inFlight(), requests);
            weigh(requests, seen, dt);
            saturated = freshness == 1 && seen.inFlight() >= slots && inFlight >= slots;
            if (status != Status.STALLED) {
                capacity.observe(seen.completedWork(), seen.workPerRequest(), saturated || failing(), dt);
            }
            serviceSeconds = slots * seen.workPerRequest() / capacity.trusted();
            double busy = freshness == 1 ? Math.min(seen.inFlight(), slots) : 0;
            silence.observe(busy, serviceSeconds, seen.completions(), seen.failures(), anyone, dt);
            ramp.observe(seen.inFlight(), slots, failing(), dt);
        }
        suspendedSeconds = status == Status.STALLED ? suspendedSeconds + dt : 0;
        inFlight = seen.inFlight();
    }

    /** Whether it does what it claims, by the time in which it surely had no free slot. */
    private void weigh(double requests, ProviderTotals seen, double dt) {
        double dry = SURELY_QUEUED * Math.sqrt(2 * requests * dt);
        boolean queuedNow = freshness == 1 && serves() && !failing() && seen.inFlight() >= slots + dry;
        if (queuedNow && queued) {
            claim.saturated(dt, requests, (long) seen.completions(), SizeVariability.UNKNOWN);
        }
        queued = queuedNow;
    }

    /**
     * Decides what the provider is.
     *
     * @param othersDue see {@link StallDetector#stalled}
     */
    void judge(double othersDue) {
        if (capacity.cap() == 0) {
            status = Status.ABSENT;
        } else if (status == Status.STALLED && answered) {
            ramp.start(suspendedSeconds);
            capacity.forgive();
            status = ramp.whole() ? Status.ACTIVE : Status.RAMPING;
        } else if (status == Status.STALLED || silence.stalled(serviceSeconds, othersDue)) {
            status = Status.STALLED;
        } else {
            status = ramp.whole() ? Status.ACTIVE : Status.RAMPING;
        }
    }

    /** Believes what is declared, whatever was seen. */
    void takeAtItsWord() {
        status = capacity.cap() == 0 ? Status.ABSENT : Status.ACTIVE;
    }

    /** Completions due since anyone's last; 0 for a provider whose silence is no news. */
    double due() {
        return status == Status.STALLED || status == Status.ABSENT ? 0 : silence.dueSinceAnyone();
    }

    Status status() {
        return status;
    }

    /** Whether it may have more than probe traffic. */
    boolean serves() {
        return status == Status.ACTIVE || status == Status.RAMPING;
    }

    /** Work units per second that a split may count on: the older the telemetry, the nearer to what is declared. */
    double usableCapacity() {
        double trusted = freshness * capacity.trusted() + (1 - freshness) * capacity.cap();
        return status == Status.STALLED ? capacity.cap() : ramp.gamma() * trusted;
    }

    /** Share of its slots that is used. */
    double usableSlots() {
        return ramp.gamma();
    }

    /** Work units per second that count of what is declared. */
    double cap() {
        return capacity.cap();
    }

    /** 0 to 1: how far its gauges are believed. */
    double freshness() {
        return freshness;
    }

    /** Mean service time, seconds. */
    double serviceSeconds() {
        return serviceSeconds;
    }

    boolean saturated() {
        return saturated;
    }

    /** Requests served at once, {@code >= 1}: declared, else estimated. */
    int slots() {
        return slots;
    }

    /** What speaks against its claim. */
    OverDeclaration claim() {
        return claim;
    }

    /** Whether more of its attempts fail than bad luck explains. */
    boolean failing() {
        double failures = failed.perSecond();
        return failures >= FAILING_RATE && failures > FAILING_SHARE * (failures + completed.perSecond());
    }

    double failureRate() {
        return failed.perSecond();
    }

    double completionRate() {
        return completed.perSecond();
    }

    double silentSeconds() {
        return silence.silentSeconds();
    }

    double suspendedSeconds() {
        return suspendedSeconds;
    }
}
