package dev.weir.weights;

import dev.weir.weights.Proposal.Status;

/** Which members answer and which are silent, tick by tick, over all members. */
final class Hearing {
    /** Hears one tick; judging follows once it is known how much was due from all members. */
    void listen(Membership now, double dt) {
        boolean anyone = false;
        boolean[] alive = new boolean[now.providers.length];
        for (int e = 0; e < now.members.length; e++) {
            if (!now.topology.usable[e]) {
                continue;
            }
            boolean answered = alive(now, e);
            anyone |= answered;
            alive[now.topology.provider[e]] |= answered;
            now.members[e].learn(
                    waiting(now, e),
                    (double) now.in.completions[e],
                    now.in.answerSeconds[e],
                    now.in.answerSquares[e],
                    dt);
        }
        for (ProviderTrack provider : now.providers) {
            provider.silence().clear();
        }
        for (int t = 0; t < now.pools.length; t++) {
            listen(now, t, alive, anyone, dt);
        }
    }

    /** @param due completions that were due from all members since anyone's last */
    void decideStatus(Membership now, double due) {
        for (int e = 0; e < now.members.length; e++) {
            if (now.topology.usable[e]) {
                now.members[e].decideStatus(due - now.providers[now.topology.provider[e]].due());
            }
        }
    }

    private static void listen(Membership now, int t, boolean[] alive, boolean anyone, double dt) {
        int from = now.topology.poolStart[t];
        int to = now.topology.poolStart[t + 1];
        double longest = 0;
        double next = 0;
        for (int e = from; e < to; e++) {
            double mean = seen(now, e);
            next = Math.max(next, Math.min(mean, longest));
            longest = Math.max(longest, mean);
        }
        for (int e = from; e < to; e++) {
            if (!now.topology.usable[e]) {
                continue;
            }
            int k = now.topology.provider[e];
            double others = seen(now, e) == longest ? next : longest;
            double guess = Silence.guess(now.providers[k].claimedSeconds(now.in.workPerRequest[t]), others);
            now.members[e].listen(
                    waiting(now, e), guess, alive(now, e), alive[k], (double) now.in.failures[e], anyone, dt);
            now.providers[k].silence().add(now.members[e].part());
        }
    }

    /** Mean answer that was seen of a member, seconds; 0 = too little was seen. */
    private static double seen(Membership now, int e) {
        return now.topology.usable[e] && now.members[e].time().known()
                ? now.members[e].time().mean()
                : 0;
    }

    private static boolean alive(Membership now, int e) {
        return now.in.completions[e] > 0 || now.in.flowing[e] > 0;
    }

    /** Requests in flight whose answers we would hear of. */
    private static double waiting(Membership now, int e) {
        ProviderTrack provider = now.providers[now.topology.provider[e]];
        return provider.freshness() == 1 && provider.status() != Status.ABSENT
                ? (double) (now.in.inFlight[e] - now.in.unheard[e])
                : 0;
    }
}
