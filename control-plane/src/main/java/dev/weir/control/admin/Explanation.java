package dev.weir.control.admin;

import dev.weir.control.model.Decision;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Observation.ProviderInput;
import dev.weir.weights.Proposal.Cause;
import dev.weir.weights.Proposal.Member;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.ProviderState;
import dev.weir.weights.Proposal.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Tells a decision in words: what was known, what was decided and why, and what that changed. */
public final class Explanation {
    private final Decision decision;
    private final Optional<Decision> before;
    private final List<String> lines = new ArrayList<>();

    private Explanation(Decision decision, Optional<Decision> before) {
        this.decision = decision;
        this.before = before;
    }

    /**
     * Lines of plain text; two spaces in front of what belongs to the line above.
     *
     * @param decision what is told
     * @param before what was in force until then; empty = nothing, or not known any more
     */
    public static List<String> of(Decision decision, Optional<Decision> before) {
        Explanation explanation = new Explanation(decision, before);
        explanation.title();
        explanation.why();
        explanation.known();
        explanation.decided();
        explanation.providers();
        return List.copyOf(explanation.lines);
    }

    private void title() {
        String time = Instant.ofEpochMilli(decision.atMillis()).toString();
        String after = before.map(b -> ", " + ExplanationText.seconds((decision.atMillis() - b.atMillis()) / 1000.0)
                        + " after " + b.epoch())
                .orElse("; no decision before it is stored");
        line("Decision %s was released at %s%s.", decision.epoch(), time, after);
    }

    private void why() {
        line("");
        line("Why it was released");
        List<Cause> causes =
                decision.proposal().release().causes().stream().sorted().toList();
        for (Cause cause : causes) {
            line("  %s", because(cause));
        }
        if (causes.isEmpty()) {
            line("  No cause is stored with it.");
        }
    }

    private String because(Cause cause) {
        return switch (cause) {
            case FIRST -> "It is the first decision: there was nothing in force.";
            case SAVES_TIME ->
                "Against the split in force it saves "
                        + ExplanationText.seconds(decision.proposal().release().savedSeconds())
                        + " per request, as predicted.";
            case MEMBERSHIP -> "Pools or their providers changed.";
            case HEALTH -> "A provider stalled or came back, or its capacity came or went.";
            case PRICE -> "A published price changed.";
            case CONGESTION -> "Congestion moved by 5 points or more.";
        };
    }

    private void known() {
        line("");
        line("What was known");
        for (PoolInput input : decision.observation().pools()) {
            String demand = decision.proposal()
                    .pool(input.id())
                    .map(p -> ExplanationText.number(p.demand()))
                    .orElse("?");
            line(
                    "  Pool %s: %s work units/s offered, %s work units per request.",
                    input.id(), demand, ExplanationText.number(input.workPerRequest()));
        }
        for (ProviderInput input : decision.observation().providers()) {
            String slots = input.slots() > 0 ? " on " + ExplanationText.counted(input.slots(), "slot") : ", no slots";
            String declared = input.declaredCapacity() > 0
                    ? "declared " + ExplanationText.number(input.declaredCapacity()) + " work units/s" + slots
                    : input.mostCapacity() > 0 ? "capacity left out, learnt" + slots : "has declared nothing";
            String load = decision.proposal()
                    .provider(input.id())
                    .map(s -> ExplanationText.counted(s.inFlight(), "request") + " in flight, " + backlog(s))
                    .orElse("load unknown");
            String age = input.telemetryAgeNanos() < 0
                    ? "no load report yet"
                    : "load report " + ExplanationText.seconds(input.telemetryAgeNanos() / 1e9) + " old";
            line("  Provider %s: %s; %s; %s.", input.id(), declared, load, age);
        }
    }

    private void decided() {
        line("");
        line("What was decided");
        for (PoolProposal pool : decision.proposal().pools()) {
            Optional<PoolProposal> was = before.flatMap(b -> b.proposal().pool(pool.id()));
            line(
                    "  Pool %s: utilisation %s %%, congestion %d%s, price %d%s.",
                    pool.id(),
                    ExplanationText.number(100 * pool.utilisation()),
                    pool.congestion(),
                    changed(was.map(w -> (long) w.congestion()), pool.congestion()),
                    pool.price(),
                    changed(was.map(PoolProposal::price), pool.price()));
            for (Member member : pool.members()) {
                line("    %s gets %s.", member.provider(), share(member.weight()) + shareChange(was, member));
            }
            was.ifPresent(w -> w.members().stream()
                    .filter(m -> pool.member(m.provider()).isEmpty())
                    .forEach(m -> line("    %s is no longer in it (had %s).", m.provider(), share(m.weight()))));
        }
        before.ifPresent(b -> b.proposal().pools().stream()
                .filter(p -> decision.proposal().pool(p.id()).isEmpty())
                .forEach(p -> line("  Pool %s is gone.", p.id())));
    }

    private String shareChange(Optional<PoolProposal> was, Member member) {
        if (before.isEmpty()) {
            return "";
        }
        Optional<Integer> old = was.flatMap(w -> w.member(member.provider())).map(Member::weight);
        if (old.isEmpty()) {
            return " (new)";
        }
        return share(old.get()).equals(share(member.weight())) ? " (as before)" : " (was " + share(old.get()) + ")";
    }

    private void providers() {
        line("");
        line("Why, provider by provider");
        for (ProviderState state : decision.proposal().providers()) {
            Optional<Status> was =
                    before.flatMap(b -> b.proposal().provider(state.id())).map(ProviderState::status);
            String change = was.isPresent() && was.get() != state.status() ? " (was " + word(was.get()) + ")" : "";
            line("  %s is %s%s: %s.", state.id(), word(state.status()), change, state.reason());
        }
    }

    private static String backlog(ProviderState state) {
        return state.backlog() > 0
                ? ExplanationText.number(state.backlog()) + " work units wait for a slot"
                : ExplanationText.number(-state.backlog()) + " work units of room in free slots";
    }

    private static String changed(Optional<Long> was, long now) {
        return was.filter(w -> w != now).map(w -> " (was " + w + ")").orElse("");
    }

    private static String word(Status status) {
        return status.name().toLowerCase(Locale.ROOT);
    }

    private static String share(int weight) {
        return weight == 1 ? "retries only" : ExplanationText.number(weight / 1e4) + " %";
    }

    private void line(String format, Object... arguments) {
        lines.add(arguments.length == 0 ? format : String.format(Locale.ROOT, format, arguments));
    }
}
