package dev.weir.weights;

import dev.weir.weights.Proposal.Status;
import dev.weir.weights.detect.OverDeclaration;
import dev.weir.weights.detect.SizeVariability;
import dev.weir.weights.estimate.Concurrency;
import dev.weir.weights.estimate.DecayedRate;
import dev.weir.weights.estimate.Freshness;
import dev.weir.weights.estimate.Ramp;
import dev.weir.weights.estimate.TrustedCapacity;
import org.jspecify.annotations.Nullable;

/** What is remembered of one provider from tick to tick, and what follows from it. */
final class ProviderTrack {
    private static final double RATE_SECONDS = 1;
    /** Of a provider that declared neither slots nor capacity. */
    private static final int UNKNOWN_SLOTS = 16;
    /** Failures above this share of all ends are more than bad luck. */
    private static final double FAILING_SHARE = 0.1;
    /** A queue of this many standard deviations of what comes and goes in a tick does not run dry in between. */
    private static final double SURELY_QUEUED = 3;
    /** And so many per second must have been seen. */
    private static final double FAILING_RATE = 3;

    private final TrustedCapacity capacity = new TrustedCapacity();
    private final Concurrency concurrency = new Concurrency();
    private final OverDeclaration claim = new OverDeclaration();
    private final Silence silence = new Silence();
    private final Ramp ramp = new Ramp();
    private final DecayedRate completed = new DecayedRate(RATE_SECONDS);
    private final DecayedRate failed = new DecayedRate(RATE_SECONDS);
    private Status status = Status.ABSENT;
    private double suspendedSeconds;
    private boolean answered;
    private boolean tried;
    private double unqueuedSeconds;
    private boolean saturated;
    private boolean queued;
    private int slots = 1;
    private double claimed;
    private double inFlight;
    private double freshness;
    private double serviceSeconds = 1;

    /** @param restored what an earlier process thought of it, null = nothing */
    ProviderTrack(Proposal.@Nullable ProviderState restored) {
        if (restored != null && restored.declaredCapacity() >= 0 && restored.trustedCapacity() > 0) {
            status = restored.status() == Status.STALLED ? Status.STALLED : Status.ABSENT;
            tried = restored.status() == Status.ACTIVE || restored.status() == Status.RAMPING;
            capacity.restore(
                    Math.min(Inputs.MAX_CAPACITY, restored.declaredCapacity()),
                    Math.min(Inputs.MAX_CAPACITY, restored.trustedCapacity()));
        }
    }

    /**
     * One tick's numbers; {@link #decideStatus} or {@link #trustDeclaration} follows.
     *
     * @param declared work units per second, 0 = nothing
     * @param most that may count of it, work units per second; 0 = it gets no traffic
     * @param declaredSlots 0 = not declared
     * @param seen totals over the provider's pools
     * @param dt seconds since the tick before
     */
    void observe(double declared, double most, int declaredSlots, long ageNanos, ProviderTotals seen, double dt) {
        freshness = Freshness.of(ageNanos);
        capacity.declare(declared, most, dt);
        completed.add(seen.completions(), dt);
        failed.add(seen.failures(), dt);
        answered = seen.completions() > 0;
        tried |= answered;
        if (most > 0) {
            boolean blank = declared == 0 && declaredSlots == 0;
            double requests = declared / seen.workPerRequest();
            // a guess may be too low for the slots that it would need
            double busyRate = most > declared ? capacity.trusted() / seen.workPerRequest() : requests;
            if (declared != claimed) {
                claim.clear();
                concurrency.forget();
                claimed = declared;
            }
            if (declaredSlots == 0 && declared > 0 && freshness == 1) {
                concurrency.observe(seen.inFlight(), seen.completions(), dt);
            }
            slots = declaredSlots > 0
                    ? declaredSlots
                    : blank ? UNKNOWN_SLOTS : concurrency.slots(seen.inFlight(), busyRate);
            if (declared > 0) {
                observeClaim(requests, seen, dt);
            }
            saturated = !blank && freshness == 1 && seen.inFlight() >= slots && inFlight >= slots;
            learn(seen, blank, declaredSlots > 0, dt);
            serviceSeconds = slots * seen.workPerRequest() / capacity.trusted();
            ramp.observe(seen.inFlight(), slots, failing(), dt);
        }
        suspendedSeconds = status == Status.STALLED ? suspendedSeconds + dt : 0;
        inFlight = seen.inFlight();
    }

    /**
     * What it can do, by its rate and by the durations of what found a free slot. Of one that declared nothing at all only durations
     * count, queue or not: with the same slots for all of them, shares go by how fast they answer.
     */
    private void learn(ProviderTotals seen, boolean blank, boolean slotsKnown, double dt) {
        boolean free = freshness == 1 && seen.inFlight() <= slots;
        unqueuedSeconds = free ? unqueuedSeconds + dt : 0;
        if (status == Status.STALLED) {
            return;
        }
        boolean unqueued =
                blank || (slotsKnown && free && unqueuedSeconds * seen.completions() >= seen.answerSeconds());
        capacity.observe(
                seen.completedWork(),
                seen.completions(),
                unqueued ? seen.answerSeconds() : 0,
                seen.workPerRequest(),
                slots,
                saturated,
                failing(),
                dt);
    }

    /** Whether it does what it claims, by the time in which it surely had no free slot. */
    private void observeClaim(double requests, ProviderTotals seen, double dt) {
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
     * @param othersDue see {@link Silence#stalled}
     * @param draining whether it is being taken out of service
     */
    void decideStatus(double othersDue, boolean draining) {
        if (!capacity.counts()) {
            status = Status.ABSENT;
        } else if (draining) {
            status = Status.DRAINING;
        } else if (status == Status.STALLED && answered) {
            ramp.start(suspendedSeconds);
            capacity.forgive();
            status = serving();
        } else if (status == Status.STALLED || silence.stalled(othersDue)) {
            status = Status.STALLED;
        } else {
            status = serving();
        }
    }

    private Status serving() {
        return !ramp.whole() ? Status.RAMPING : tried ? Status.ACTIVE : Status.UNTRIED;
    }

    /** Believes what is declared, whatever was seen. */
    void trustDeclaration(boolean draining) {
        if (!capacity.counts()) {
            status = Status.ABSENT;
        } else if (draining) {
            status = Status.DRAINING;
        } else {
            status = tried ? Status.ACTIVE : Status.UNTRIED;
        }
    }

    /** Completions due since anyone's last; 0 for a provider whose silence is no news. */
    double due() {
        return status == Status.STALLED || !status.takesTraffic() ? 0 : silence.dueSinceAnyone();
    }

    Status status() {
        return status;
    }

    /** Whether it may have more than probe traffic. */
    boolean serves() {
        return status.serves();
    }

    /** Work units per second that a split may count on: the older the telemetry, the nearer to what it did when all was well. */
    double usableCapacity() {
        double trusted = freshness * capacity.trusted() + (1 - freshness) * capacity.standing();
        return status == Status.STALLED ? capacity.standing() : ramp.gamma() * trusted;
    }

    /** Share of its slots that is used. */
    double usableSlots() {
        return ramp.gamma();
    }

    /** Work units per second that count of what is declared; 0 = nothing is. */
    double cap() {
        return capacity.cap();
    }

    /** What it does when all is well, as far as is known, work units per second. */
    double standing() {
        return capacity.standing();
    }

    /** Whether anything was declared or seen of what it can do. */
    boolean known() {
        return capacity.known();
    }

    /** Whether a claim is contradicted by what was seen. */
    boolean doubted() {
        return capacity.cap() > 0 && capacity.standing() != capacity.cap();
    }

    /** This tick's silence, to be filled by the members' parts. */
    Silence silence() {
        return silence;
    }

    /** Mean service time that the claim says, seconds; 0 = nothing is claimed. */
    double claimedSeconds(double workPerRequest) {
        return capacity.cap() > 0 ? slots * workPerRequest / capacity.cap() : 0;
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
        return silence.seconds();
    }

    double suspendedSeconds() {
        return suspendedSeconds;
    }
}
