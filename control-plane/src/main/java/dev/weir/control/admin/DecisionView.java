package dev.weir.control.admin;

import dev.weir.control.model.Decision;
import dev.weir.weights.Observation.MemberInput;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Observation.ProviderInput;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.ProviderState;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /v1/decision}: one decision with its inputs, results and reasons.
 *
 * @param releasedAt ISO 8601, UTC
 * @param previous epoch of the decision before, absent where it is not known
 * @param explanation the same in words, line by line
 */
public record DecisionView(
        String epoch,
        String releasedAt,
        long releasedAtMillis,
        List<String> causes,
        double savedSeconds,
        @Nullable String previous,
        List<PoolView> pools,
        List<ProviderView> providers,
        List<String> explanation) {
    public DecisionView {
        causes = List.copyOf(causes);
        pools = List.copyOf(pools);
        providers = List.copyOf(providers);
        explanation = List.copyOf(explanation);
    }

    /**
     * @param demand offered work units per second
     * @param levelSeconds common expected drain time
     * @param workPerRequest mean work units, as it was known
     */
    public record PoolView(
            String pool,
            double demand,
            double utilisation,
            int congestion,
            double levelSeconds,
            long price,
            long priceNumber,
            @Nullable Double workPerRequest,
            List<MemberView> members) {
        public PoolView {
            members = List.copyOf(members);
        }
    }

    /**
     * @param weight of 1 000 000
     * @param inFlight gauge, as it was known, and so are the counts, which are those since the observation before
     */
    public record MemberView(
            String provider,
            int weight,
            long price,
            @Nullable Long inFlight,
            @Nullable Long firstAttempts,
            @Nullable Long completions,
            @Nullable Long failures) {}

    /** @param telemetryAgeSeconds of the newest load report, absent when there was none */
    public record ProviderView(
            String provider,
            String status,
            double declaredCapacity,
            double trustedCapacity,
            int slots,
            long inFlight,
            double backlog,
            double completionRate,
            @Nullable Double telemetryAgeSeconds,
            String reason) {}

    /** @param before what was in force until then; empty = nothing, or not known any more */
    public static DecisionView of(Decision decision, Optional<Decision> before) {
        return new DecisionView(
                decision.epoch().toString(),
                Instant.ofEpochMilli(decision.atMillis()).toString(),
                decision.atMillis(),
                decision.proposal().release().causes().stream()
                        .sorted()
                        .map(c -> c.name().toLowerCase(Locale.ROOT))
                        .toList(),
                decision.proposal().release().savedSeconds(),
                before.map(b -> b.epoch().toString()).orElse(null),
                decision.proposal().pools().stream().map(p -> pool(decision, p)).toList(),
                decision.proposal().providers().stream()
                        .map(p -> provider(decision, p))
                        .toList(),
                Explanation.of(decision, before));
    }

    /** The view as JSON, as the admin port answers it. */
    public String json() {
        return new String(Json.bytes(this), StandardCharsets.UTF_8);
    }

    private static PoolView pool(Decision decision, PoolProposal pool) {
        Optional<PoolInput> input = decision.observation().pool(pool.id());
        return new PoolView(
                pool.id(),
                pool.demand(),
                pool.utilisation(),
                pool.congestion(),
                pool.levelSeconds(),
                pool.price(),
                pool.priceNumber(),
                input.map(PoolInput::workPerRequest).orElse(null),
                pool.members().stream()
                        .map(m -> {
                            MemberInput known =
                                    input.flatMap(i -> i.member(m.provider())).orElse(null);
                            return new MemberView(
                                    m.provider(),
                                    m.weight(),
                                    m.price(),
                                    known == null ? null : known.inFlight(),
                                    known == null ? null : known.firstAttempts(),
                                    known == null ? null : known.completions(),
                                    known == null ? null : known.failures());
                        })
                        .toList());
    }

    private static ProviderView provider(Decision decision, ProviderState state) {
        Double age = decision.observation()
                .provider(state.id())
                .map(ProviderInput::telemetryAgeNanos)
                .filter(nanos -> nanos >= 0)
                .map(nanos -> nanos / 1e9)
                .orElse(null);
        return new ProviderView(
                state.id(),
                state.status().name().toLowerCase(Locale.ROOT),
                state.declaredCapacity(),
                state.trustedCapacity(),
                state.slots(),
                state.inFlight(),
                state.backlog(),
                state.completionRate(),
                age,
                state.reason());
    }
}
