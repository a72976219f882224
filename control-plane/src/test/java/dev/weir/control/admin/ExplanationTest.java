package dev.weir.control.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import dev.weir.weights.Observation;
import dev.weir.weights.Observation.MemberInput;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Observation.ProviderInput;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.Cause;
import dev.weir.weights.Proposal.Member;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.weights.Proposal.Release;
import dev.weir.weights.Proposal.Status;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ExplanationTest {
    @Test
    void it_tells_what_was_known_and_decided_and_what_changed() {
        Decision before = decision(
                new Epoch(3, 16),
                0,
                Set.of(Cause.PRICE),
                List.of(new Member("a", 600_000, 100), new Member("b", 400_000, 100)),
                Status.ACTIVE,
                "all is well");
        Decision now = decision(
                new Epoch(3, 17),
                1250,
                Set.of(Cause.SAVES_TIME, Cause.HEALTH),
                List.of(new Member("a", 1, 130), new Member("c", 999_999, 125)),
                Status.STALLED,
                "no answer for 3 s");

        assertThat(Explanation.of(now, Optional.of(before)))
                .containsExactly(
                        "Decision 3.17 was released at 2026-01-01T00:00:01.250Z, 1.25 s after 3.16.",
                        "",
                        "Why it was released",
                        "  Against the split in force it saves 12.3 ms per request, as predicted.",
                        "  A provider stalled or came back, or its capacity came or went.",
                        "",
                        "What was known",
                        "  Pool chat: 85.2 work units/s offered, 1.5 work units per request.",
                        "  Provider a: declared 80 work units/s on 4 slots; 6 requests in flight, 3 work units wait for a"
                                + " slot; load report 80 ms old.",
                        "  Provider c: has declared nothing; load unknown; no load report yet.",
                        "",
                        "What was decided",
                        "  Pool chat: utilisation 78.1 %, congestion 78 (was 50), price 125 (was 100).",
                        "    a gets retries only (was 60 %).",
                        "    c gets 100 % (new).",
                        "    b is no longer in it (had 40 %).",
                        "",
                        "Why, provider by provider",
                        "  a is stalled (was active): no answer for 3 s.");
    }

    @Test
    void the_first_one_has_nothing_to_compare_with() {
        Decision first = decision(
                new Epoch(1, 1),
                0,
                Set.of(Cause.FIRST),
                List.of(new Member("a", 1_000_000, 100)),
                Status.ACTIVE,
                "fine");
        assertThat(Explanation.of(first, Optional.empty()))
                .contains(
                        "Decision 1.1 was released at 2026-01-01T00:00:00Z; no decision before it is stored.",
                        "  It is the first decision: there was nothing in force.",
                        "    a gets 100 %.")
                .noneMatch(line -> line.contains("(was"));
    }

    @Test
    void numbers_that_cannot_be_do_not_stop_it() {
        Observation observation = new Observation(
                0,
                false,
                List.of(new PoolInput("chat", List.of(), 100, Double.NaN)),
                List.of(new ProviderInput("a", Double.POSITIVE_INFINITY, 1, -1)));
        Proposal proposal = new Proposal(
                List.of(new PoolProposal("chat", List.of(), Double.NaN, -0.0, 0, 1e300, Long.MAX_VALUE, 1, 0)),
                List.of(),
                new Release(true, Set.of(), Double.NaN));
        assertThat(Explanation.of(new Decision(new Epoch(1, 1), 0, observation, proposal), Optional.empty()))
                .contains(
                        "  No cause is stored with it.",
                        "  Pool chat: NaN work units/s offered, NaN work units per request.");
    }

    /** 2026-01-01 and some. */
    private static Decision decision(
            Epoch epoch, long millis, Set<Cause> causes, List<Member> members, Status status, String reason) {
        boolean later = epoch.sequence() > 16;
        Observation observation = new Observation(
                0,
                false,
                List.of(new PoolInput("chat", List.of(new MemberInput("a", 6, 20, 19, 0, false)), 100, 1.5)),
                List.of(new ProviderInput("a", 80, 4, 80_000_000), new ProviderInput("c", 0, 1, -1)));
        Proposal proposal = new Proposal(
                List.of(new PoolProposal(
                        "chat", members, 85.21, 0.7812, later ? 78 : 50, 0.024, later ? 125 : 100, 5, 0.2)),
                List.of(new ProviderState("a", status, 80, 75, 4, 6, 3, 74, reason)),
                new Release(true, causes, 0.01234));
        return new Decision(epoch, 1_767_225_600_000L + millis, observation, proposal);
    }
}
