package dev.weir.sim.engine;

import dev.weir.sim.Law;
import dev.weir.sim.Result;
import dev.weir.sim.Scenario;
import dev.weir.sim.Scenario.Abandoned;
import dev.weir.sim.Scenario.Change;
import dev.weir.sim.Span;
import dev.weir.sim.engine.Policy.End;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One run: a scenario under a policy, event by event.
 *
 * <p>Arrivals, job sizes and the sidecar of each request come from random numbers that the policy does not touch, so two
 * policies with one seed see the same requests. After the last arrival the run goes on until everything is answered, at
 * most {@link #DRAIN_SECONDS}.
 */
public final class Simulation implements World {
    /** How long unfinished requests are waited for, seconds. */
    public static final double DRAIN_SECONDS = 60;

    private static final double SAMPLE_SECONDS = 0.25;

    private static final int ARRIVAL = 0;
    private static final int DONE = 1;
    private static final int TIMEOUT = 2;
    private static final int RETRY = 3;
    private static final int WAKE = 4;
    private static final int CHANGE = 5;
    private static final int SAMPLE = 6;
    private static final int SERIAL_MASK = (1 << 28) - 1;

    private final Scenario scenario;
    private final double endSeconds;
    private final EventHeap events = new EventHeap();
    private final Jobs jobs = new Jobs();
    private final Attempts attempts = new Attempts();
    private final SimStation[] stations;
    private final IntRing[] held;
    private final Sources sources;
    private final int[] sourceSerial;
    private final SplittableRandom sizes;
    private final OwnSizes ownSizes;
    private final SplittableRandom places;
    private final SplittableRandom own;
    private final Tally tally;
    private final Slope slope = new Slope();
    private final Policy policy;
    private final int sidecarCount;
    private double now;
    private int heldCount;
    private int waitingCount;
    private long largestBacklog;

    /**
     * @param endSeconds when the last request may come
     * @param spans what is measured, by time of arrival
     */
    public Simulation(Scenario scenario, Policy.Factory factory, long seed, double endSeconds, List<Span> spans) {
        this.scenario = scenario;
        this.endSeconds = endSeconds;
        SplittableRandom root = new SplittableRandom(seed);
        this.sources = new Sources(scenario, root.split());
        this.sourceSerial = new int[sources.count()];
        this.sizes = root.split();
        this.places = root.split();
        this.own = root.split();
        this.ownSizes = new OwnSizes(seed);
        this.sidecarCount = scenario.sidecars();
        this.stations = scenario.providers().stream()
                .map(p -> new SimStation(p, scenario.transport().longestWaitSeconds()))
                .toArray(SimStation[]::new);
        this.held = scenario.pools().stream().map(p -> new IntRing()).toArray(IntRing[]::new);
        this.tally = new Tally(spans, stations.length);
        this.policy = factory.open(this);
    }

    /** Runs to the end. */
    public Result run() {
        for (int i = 0; i < scenario.changes().size(); i++) {
            events.add(scenario.changes().get(i).atSeconds(), event(CHANGE, 0, i));
        }
        for (int s = 0; s < sources.count(); s++) {
            scheduleArrival(s);
        }
        events.add(SAMPLE_SECONDS, event(SAMPLE, 0, 0));
        policy.start();
        while (!events.isEmpty()) {
            double time = events.minTime();
            if (time > endSeconds + DRAIN_SECONDS || (time > endSeconds && jobs.live() == 0)) {
                break;
            }
            now = time;
            handle(events.removeMin());
        }
        for (int job = 0; job < jobs.used(); job++) {
            if (jobs.tries[job] >= 0) {
                tally.unfinished(jobs.arrived[job], now, jobs.tries[job]);
            }
        }
        Policy.Deeds deeds = policy.deeds();
        return new Result(
                tally.results(), deeds.ticks(), deeds.pushes(), deeds.shareMove(), slope.value(), largestBacklog);
    }

    private void handle(long event) {
        int id = (int) event;
        int serial = (int) (event >>> 32) & SERIAL_MASK;
        switch ((int) (event >>> 60)) {
            case ARRIVAL -> {
                if (serial == (sourceSerial[id] & SERIAL_MASK)) {
                    arrive(id);
                }
            }
            case DONE -> {
                if (serial == (attempts.plan[id] & SERIAL_MASK)) {
                    done(id);
                }
            }
            case TIMEOUT -> {
                if (serial == (attempts.life[id] & SERIAL_MASK)) {
                    timeOut(id);
                }
            }
            case RETRY -> retry(id, serial);
            case WAKE -> policy.wake(id);
            case CHANGE -> change(scenario.changes().get(id));
            default -> sample();
        }
    }

    private void arrive(int source) {
        int pool = sources.pool(source);
        int sidecar = sidecarCount == 1 ? 0 : places.nextInt(sidecarCount);
        int job = jobs.add(now, pool, sidecar, scenario.law().draw(sizes));
        scheduleArrival(source);
        int provider = policy.pick(pool, sidecar);
        if (provider == Policy.HOLD) {
            held[pool].add(job);
            heldCount++;
            noteBacklog();
        } else {
            send(job, provider);
        }
    }

    private void send(int job, int provider) {
        int pool = jobs.pool[job];
        int sidecar = jobs.sidecar[job];
        boolean first = jobs.tries[job]++ == 0;
        SimStation station = stations[provider];
        tally.sent(now, provider);
        policy.sent(pool, sidecar, provider, first);
        if (station.refuses(first)) {
            End end = station.turnsAway() ? End.REFUSED : End.BOUNCED;
            policy.ended(pool, sidecar, provider, end, 0);
            again(job, provider);
            return;
        }
        tally.taken(now, provider);
        Law law = station.provider.law();
        double size = law == null ? jobs.size[job] : ownSizes.draw(law, jobs.number[job], provider);
        double service = size * station.provider.serviceSeconds();
        int attempt = attempts.add(job, provider, service, now);
        double perTry = scenario.transport().perTrySeconds();
        if (perTry > 0) {
            events.add(now + perTry, event(TIMEOUT, attempts.life[attempt], attempt));
        }
        if (station.hasRoom()) {
            start(station, attempt);
        } else {
            station.waiting.add(attempt);
            waitingCount++;
            noteBacklog();
        }
    }

    private void start(SimStation station, int attempt) {
        plan(attempt, station.start(attempts, attempt, now));
    }

    private void plan(int attempt, double end) {
        if (end != Double.POSITIVE_INFINITY) {
            events.add(end, event(DONE, attempts.plan[attempt], attempt));
        }
    }

    private void done(int attempt) {
        int provider = attempts.provider[attempt];
        SimStation station = stations[provider];
        int job = attempts.job[attempt];
        double service = now - attempts.startedAt[attempt];
        double sentAt = attempts.sentAt[attempt];
        station.stop(attempts, attempt);
        attempts.remove(attempt);
        startNext(station);
        if (job != Attempts.NOBODY) {
            tally.finished(jobs.arrived[job], now, service, jobs.tries[job]);
            int pool = jobs.pool[job];
            int sidecar = jobs.sidecar[job];
            jobs.remove(job);
            policy.ended(pool, sidecar, provider, End.OK, now - sentAt);
        }
    }

    private void startNext(SimStation station) {
        while (station.hasRoom() && station.waiting.size() > 0) {
            int next = station.waiting.remove();
            if (attempts.place[next] == Attempts.DROPPED) {
                station.skipped();
                attempts.remove(next);
            } else {
                waitingCount--;
                start(station, next);
            }
        }
    }

    private void again(int job, int failed) {
        if (jobs.tries[job] > scenario.transport().retries()) {
            tally.failed(jobs.arrived[job], jobs.tries[job]);
            jobs.remove(job);
        } else {
            events.add(now + scenario.transport().retrySeconds(), event(RETRY, failed, job));
        }
    }

    private void retry(int job, int failed) {
        int provider = policy.pickAgain(jobs.pool[job], jobs.sidecar[job], failed);
        send(job, provider);
    }

    private void timeOut(int attempt) {
        int provider = attempts.provider[attempt];
        int job = attempts.job[attempt];
        tally.timedOut(jobs.arrived[job]);
        int place = attempts.place[attempt];
        if (place == Attempts.LOST) {
            attempts.remove(attempt);
        } else if (scenario.transport().abandoned() == Abandoned.WORKED_OFF) {
            attempts.job[attempt] = Attempts.NOBODY;
        } else if (place == Attempts.WAITING) {
            attempts.place[attempt] = Attempts.DROPPED;
            stations[provider].dropWaiting();
            waitingCount--;
        } else {
            stations[provider].stop(attempts, attempt);
            attempts.remove(attempt);
            startNext(stations[provider]);
        }
        policy.ended(
                jobs.pool[job],
                jobs.sidecar[job],
                provider,
                End.TIMED_OUT,
                scenario.transport().perTrySeconds());
        again(job, provider);
    }

    private void change(Change change) {
        int target = change.target();
        switch (change.kind()) {
            case SPEED -> {
                SimStation station = stations[target];
                station.changeSpeed(attempts, change.value(), now);
                for (int i = 0; i < station.runningCount(); i++) {
                    int attempt = station.running(i);
                    plan(attempt, station.end(attempts, attempt, now));
                }
            }
            case LOSE -> lose(stations[target]);
            case REFUSE -> stations[target].refusing = change.value() > 0;
            case RATE -> {
                for (int s = 0; s < sources.count(); s++) {
                    if (sources.pool(s) == target) {
                        sources.scale(s, change.value());
                        sourceSerial[s]++;
                        scheduleArrival(s);
                    }
                }
            }
        }
    }

    private void lose(SimStation station) {
        waitingCount -= station.waitingCount();
        for (int attempt : station.loseAll()) {
            attempts.plan[attempt]++;
            if (attempts.job[attempt] == Attempts.NOBODY || attempts.place[attempt] == Attempts.DROPPED) {
                attempts.remove(attempt);
            } else {
                attempts.place[attempt] = Attempts.LOST;
            }
        }
    }

    private void scheduleArrival(int source) {
        double next = sources.next(source, now);
        if (next < endSeconds) {
            events.add(next, event(ARRIVAL, sourceSerial[source], source));
        }
    }

    private void sample() {
        if (now >= endSeconds) {
            return;
        }
        if (now > endSeconds / 2) {
            slope.add(now, jobs.live());
        }
        events.add(now + SAMPLE_SECONDS, event(SAMPLE, 0, 0));
    }

    private void noteBacklog() {
        largestBacklog = Math.max(largestBacklog, waitingCount + heldCount);
    }

    private static long event(int type, int serial, int id) {
        return ((long) type << 60) | ((long) (serial & SERIAL_MASK) << 32) | id;
    }

    @Override
    public Scenario scenario() {
        return scenario;
    }

    @Override
    public double now() {
        return now;
    }

    @Override
    public SplittableRandom random() {
        return own;
    }

    @Override
    public int inFlight(int provider) {
        return stations[provider].inFlight();
    }

    @Override
    public void wakeIn(double seconds, int code) {
        events.add(now + seconds, event(WAKE, 0, code));
    }

    @Override
    public int held(int pool) {
        return held[pool].size();
    }

    @Override
    public double oldestHeld(int pool) {
        return held[pool].size() == 0 ? Double.POSITIVE_INFINITY : jobs.arrived[held[pool].first()];
    }

    @Override
    public void release(int pool, int provider) {
        heldCount--;
        send(held[pool].remove(), provider);
    }

    @Override
    public void limitFirst(int provider, double limit) {
        stations[provider].limitFirst = limit;
    }
}
