package dev.weir.weights;

import org.jspecify.annotations.Nullable;

/**
 * An observation as arrays, every number brought into its range; what was out of it is remembered in words.
 *
 * <p>Ranges: counts and gauges 0 - 1e9, sums of durations 0 or 1e-6 s each - 1e12 s, of their squares 0 - 1e18, capacity 0 or 1e-6 - 1e12 work units per second, work per request 1e-9 - 1e9, minimum price
 * 1 - 1e15.
 */
final class Inputs {
    private static final long MAX_REQUESTS = 1_000_000_000L;
    private static final double MIN_CAPACITY = 1e-6;
    static final double MAX_CAPACITY = 1e12;
    private static final double MAX_COST = 1e9;
    private static final double MIN_WORK = 1e-9;
    private static final double MAX_WORK = 1e9;
    private static final int MAX_STATUS = 599;
    private static final double MIN_SECONDS = 1e-6;
    private static final double MAX_SECONDS = 1e12;
    private static final double MAX_SQUARES = 1e18;
    private static final long MAX_PRICE = 1_000_000_000_000_000L;

    final long[] inFlight;
    final long[] firstAttempts;
    final long[] completions;
    final long[] failures;
    final boolean[] retryOnly;
    /** HTTP status; 0 = none. */
    final int[] refusal;

    final double[] answerSeconds;
    final double[] answerSquares;
    final long[] flowing;
    final long[] unheard;

    final double[] workPerRequest;
    final long[] minPrice;
    final long[] storedPrice;

    final double[] declared;
    final double[] mostCapacity;
    /** 0 = not declared. */
    final int[] slots;

    final double[] cost;
    final boolean[] draining;
    final long[] ageNanos;
    /** First complaint about a provider's numbers, null = none. */
    final @Nullable String[] remark;

    Inputs(Topology topology) {
        int members = topology.members();
        inFlight = new long[members];
        firstAttempts = new long[members];
        completions = new long[members];
        failures = new long[members];
        retryOnly = new boolean[members];
        refusal = new int[members];
        answerSeconds = new double[members];
        answerSquares = new double[members];
        flowing = new long[members];
        unheard = new long[members];
        workPerRequest = new double[topology.pools()];
        minPrice = new long[topology.pools()];
        storedPrice = new long[topology.pools()];
        declared = new double[topology.providers()];
        mostCapacity = new double[topology.providers()];
        slots = new int[topology.providers()];
        cost = new double[topology.providers()];
        draining = new boolean[topology.providers()];
        ageNanos = new long[topology.providers()];
        remark = new String[topology.providers()];
    }

    void read(Observation observation, Topology topology) {
        for (int k = 0; k < topology.providers(); k++) {
            Observation.ProviderInput in = observation.providers().get(k);
            remark[k] = null;
            draining[k] = in.draining();
            double capacity = in.declaredCapacity();
            declared[k] = capacity >= MIN_CAPACITY ? Math.min(MAX_CAPACITY, capacity) : 0;
            double most = in.mostCapacity() >= MIN_CAPACITY ? Math.min(MAX_CAPACITY, in.mostCapacity()) : 0;
            mostCapacity[k] = Math.max(declared[k], most);
            slots[k] = Math.max(0, in.slots());
            ageNanos[k] = in.telemetryAgeNanos();
            cost[k] = in.cost() > 0 ? Math.min(MAX_COST, in.cost()) : 0;
            if (declared[k] != capacity) {
                remark[k] = "declared capacity " + capacity + " taken as " + declared[k];
            } else if (slots[k] != in.slots()) {
                remark[k] = "slots " + in.slots() + " taken as not declared";
            }
        }
        for (int t = 0; t < topology.pools(); t++) {
            Observation.PoolInput pool = observation.pools().get(t);
            double work = pool.workPerRequest();
            workPerRequest[t] = work > 0 ? Math.max(MIN_WORK, Math.min(MAX_WORK, work)) : 1;
            minPrice[t] = Math.max(1, Math.min(MAX_PRICE, pool.minPrice()));
            storedPrice[t] = pool.storedPrice();
            for (int e = topology.poolStart[t]; e < topology.poolStart[t + 1]; e++) {
                Observation.MemberInput in = pool.members().get(e - topology.poolStart[t]);
                int k = topology.usable[e] ? topology.provider[e] : -1;
                inFlight[e] = count("requests in flight", in.inFlight(), k);
                firstAttempts[e] = count("first attempts", in.firstAttempts(), k);
                completions[e] = count("completions", in.completions(), k);
                failures[e] = count("failures", in.failures(), k);
                answerSeconds[e] = seconds(in.answerSeconds(), completions[e]);
                answerSquares[e] = completions[e] > 0 ? Math.min(MAX_SQUARES, positive(in.answerSquares())) : 0;
                flowing[e] = count("flowing answers", in.flowing(), k);
                unheard[e] = Math.min(inFlight[e], count("requests not heard of", in.unheard(), k));
                retryOnly[e] = in.retryOnly();
                refusal[e] = Math.max(0, Math.min(MAX_STATUS, in.refusal()));
            }
        }
    }

    /** A sum of durations; a microsecond each is the least that is believed. */
    private static double seconds(double sum, long completions) {
        boolean known = sum > 0 && completions > 0;
        return known ? Math.max(MIN_SECONDS * completions, Math.min(MAX_SECONDS, sum)) : 0;
    }

    private static double positive(double value) {
        return value > 0 ? value : 0;
    }

    private long count(String what, long value, int provider) {
        long clipped = Math.max(0, Math.min(MAX_REQUESTS, value));
        if (clipped != value && provider >= 0 && remark[provider] == null) {
            remark[provider] = what + " " + value + " taken as " + clipped;
        }
        return clipped;
    }
}
