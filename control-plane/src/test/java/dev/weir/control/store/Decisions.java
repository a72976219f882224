package dev.weir.control.store;

import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import dev.weir.weights.Observation;
import dev.weir.weights.Observation.MemberInput;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Observation.ProviderInput;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.Announcement;
import dev.weir.weights.Proposal.Cause;
import dev.weir.weights.Proposal.Member;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.weights.Proposal.Release;
import dev.weir.weights.Proposal.Status;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Decisions for tests. */
final class Decisions {
    private Decisions() {}

    static Decision of(long term, long sequence) {
        return of(new Epoch(term, sequence), 0.1 + 0.2);
    }

    /** One whose pool has a price to come, which is stored. */
    static Decision announcing(long term, long sequence) {
        Decision one = of(term, sequence);
        PoolInput pool = one.observation().pools().get(0);
        Observation observation = new Observation(
                one.observation().nowNanos(),
                false,
                List.of(new PoolInput(pool.id(), pool.members(), pool.minPrice(), pool.workPerRequest(), 18)),
                one.observation().providers());
        Proposal proposal = new Proposal(
                one.proposal().pools(),
                one.proposal().providers(),
                one.proposal().release(),
                List.of(new Announcement("chat", 18, 130, Map.of("a", 131L))));
        return new Decision(one.epoch(), one.atMillis(), observation, proposal);
    }

    /** One with {@code demand} somewhere in it. */
    static Decision of(Epoch epoch, double demand) {
        Observation observation = new Observation(
                123_456_789L,
                false,
                List.of(new PoolInput("chat", List.of(new MemberInput("a", 3, 70, 69, 1, false)), 100, 1.0 / 3)),
                List.of(new ProviderInput("a", 1e9, 7, -1)));
        Proposal proposal = new Proposal(
                List.of(new PoolProposal(
                        "chat",
                        List.of(new Member("a", 1_000_000, Long.MAX_VALUE)),
                        demand,
                        Double.MIN_VALUE,
                        42,
                        -0.0,
                        120,
                        17,
                        Math.nextUp(1.0))),
                List.of(new ProviderState(
                        "a", Status.STALLED, 1e9, Double.MAX_VALUE, 7, 3, -4.25e-7, 12.5, "silent, \"so\" – ")),
                new Release(true, Set.of(Cause.HEALTH, Cause.PRICE), 4.9e-324));
        return new Decision(epoch, 1_795_505_199_894L, observation, proposal);
    }
}
