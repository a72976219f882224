package dev.weir.weights;

/** One sentence per provider for whoever is on call: why it gets what it gets. */
final class Reasons {
    /** A refusal that is for a while, and not for what was asked. */
    private static final int TOO_MANY = 429;

    private Reasons() {}

    static String of(Membership now, int k) {
        ProviderTrack track = now.providers[k];
        StringBuilder text = new StringBuilder(160);
        switch (track.status()) {
            case ABSENT -> text.append("gets nothing: has declared no capacity");
            case DRAINING -> draining((long) now.totals[k].inFlight(), text);
            case STALLED -> stalled(now, k, text);
            case RAMPING -> {
                text.append("comes back step by step: ");
                number(text, 100 * track.usableSlots());
                text.append(" % of ");
                number(text, track.standing());
                text.append(" units/s so far");
            }
            case UNTRIED -> untried(now, k, text);
            case ACTIVE -> active(now, k, text);
        }
        refusals(now, k, text);
        String remark = now.in.remark[k];
        if (remark != null) {
            text.append("; ").append(remark);
        }
        return text.toString();
    }

    private static void refusals(Membership now, int k, StringBuilder text) {
        for (int t = 0; t < now.topology.pools(); t++) {
            for (int e = now.topology.poolStart[t]; e < now.topology.poolStart[t + 1]; e++) {
                if (now.topology.provider[e] == k && now.in.refusal[e] > 0) {
                    text.append("; probe traffic only from pool ").append(now.topology.poolIds[t]);
                    if (now.in.refusal[e] == TOO_MANY) {
                        text.append(": its key is over a limit and wants a pause");
                    } else {
                        text.append(": answers ").append(now.in.refusal[e]).append(" to what others complete");
                    }
                }
            }
        }
    }

    private static void draining(long inFlight, StringBuilder text) {
        text.append("draining, ").append(inFlight).append(" in flight: gets no new calls");
        if (inFlight == 0) {
            text.append(", and may be taken out");
        }
    }

    private static void stalled(Membership now, int k, StringBuilder text) {
        ProviderTrack track = now.providers[k];
        text.append("suspended, probe traffic only: no answer for ");
        number(text, Math.max(track.silentSeconds(), track.suspendedSeconds()));
        text.append(" s");
        if (track.failureRate() >= 0.1) {
            text.append(", ");
            number(text, track.failureRate());
            text.append(" attempts/s fail");
        }
        text.append(" with ").append((long) now.totals[k].inFlight()).append(" in flight");
    }

    private static void untried(Membership now, int k, StringBuilder text) {
        ProviderTrack track = now.providers[k];
        text.append("untried: nothing has come from it yet, gets its share of ");
        if (now.in.declared[k] > 0) {
            number(text, now.in.declared[k]);
            text.append(" units/s declared");
        } else {
            text.append("a first guess, as nothing is declared");
        }
        if (track.failureRate() >= 0.1) {
            text.append(": ");
            number(text, track.failureRate());
            text.append(" attempts/s fail");
        }
        text.append("; ").append((long) now.totals[k].inFlight()).append(" in flight");
    }

    private static void active(Membership now, int k, StringBuilder text) {
        ProviderTrack track = now.providers[k];
        double usable = track.usableCapacity();
        text.append("trusted with ");
        number(text, usable);
        if (now.in.declared[k] > 0) {
            text.append(" of ");
            number(text, now.in.declared[k]);
            text.append(" units/s declared");
        } else {
            text.append(" units/s, learnt: nothing is declared");
        }
        if (track.failing()) {
            text.append(": fails ");
            number(text, track.failureRate());
            text.append(" attempts/s");
        } else if (track.doubted()) {
            text.append(": its answers show that it can do ");
            number(text, track.standing());
        } else if (usable < 0.95 * track.cap()) {
            text.append(": completes ");
            number(text, track.completionRate());
            text.append(" requests/s with all slots busy");
        } else if (usable < 0.95 * now.in.declared[k]) {
            text.append(": a higher declaration counts slowly");
        }
        queue(now, k, text);
        claim(track, text);
        silent(now, k, text);
        if (track.freshness() == 0) {
            text.append("; no telemetry: split by declared capacity");
        } else if (track.freshness() < 1) {
            text.append("; telemetry is ");
            number(text, now.in.ageNanos[k] * 1e-9);
            text.append(" s old: falling back to declared capacity");
        }
    }

    private static void silent(Membership now, int k, StringBuilder text) {
        for (int t = 0; t < now.pools.length; t++) {
            for (int e = now.topology.poolStart[t]; e < now.topology.poolStart[t + 1]; e++) {
                if (now.topology.usable[e] && now.topology.provider[e] == k && now.members[e].silent()) {
                    text.append("; answers nothing of pool ").append(now.topology.poolIds[t]);
                    text.append(": probe traffic only there, silent for ");
                    number(text, now.members[e].silentSeconds());
                    text.append(" s");
                }
            }
        }
    }

    private static void claim(ProviderTrack track, StringBuilder text) {
        if (track.claim().alarm()) {
            text.append("; over-declared: did ");
            number(text, 100 * track.claim().share());
            text.append(" % of its claim while surely all slots were busy, when ");
            number(text, track.claim().due());
            text.append(" requests were due");
        }
    }

    private static void queue(Membership now, int k, StringBuilder text) {
        long inFlight = (long) now.totals[k].inFlight();
        int slots = now.providers[k].slots();
        text.append("; ")
                .append(inFlight)
                .append(" in flight on ")
                .append(now.in.slots[k] == 0 ? "about " : "")
                .append(slots)
                .append(now.in.slots[k] == 0 ? " slots (not declared), " : " slots, ");
        if (inFlight <= slots) {
            text.append("no queue");
        } else {
            text.append(inFlight - slots).append(" queued, ");
            double work = now.totals[k].backlogWork() - slots * now.totals[k].workPerRequest();
            number(text, Math.max(0, work) / Math.max(1e-9, now.providers[k].usableCapacity()));
            text.append(" s of work");
        }
    }

    /** Two decimals below 10, else none; the same text everywhere. */
    private static void number(StringBuilder text, double value) {
        if (value >= 10) {
            text.append(Math.round(value));
        } else {
            long hundredths = Math.round(value * 100);
            text.append(hundredths / 100).append('.');
            text.append(hundredths / 10 % 10).append(hundredths % 10);
        }
    }
}
