package dev.weir.control.admin;

import dev.weir.control.model.Config;
import dev.weir.control.model.Image;
import dev.weir.control.model.Pool;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.ProviderState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /v1/route?model=M}: what would become of a request that names this model, if it came now. Asks nobody and sends
 * nothing.
 *
 * @param pool absent = no pool serves it
 * @param admission {@code mesh} or {@code governed}
 * @param price atomic units per 1 000 work units, absent before the first decision
 * @param congestion 0-100, likewise
 * @param refusal status and code that the agent would get, absent = it would be sent on
 * @param candidates whom it might be sent to, likeliest first
 * @param explanation the same in words, line by line
 */
public record RouteView(
        String model,
        @Nullable String pool,
        @Nullable String admission,
        @Nullable Long price,
        @Nullable Integer congestion,
        @Nullable String refusal,
        List<CandidateView> candidates,
        List<String> explanation) {
    /** Where the pools are told apart by, when none is by this model. */
    private static final String OTHERWISE =
            "pools by path or header take requests whatever their model; they are not asked here";

    public RouteView {
        candidates = List.copyOf(candidates);
        explanation = List.copyOf(explanation);
    }

    /**
     * @param model its name there
     * @param status absent before the first decision
     * @param share part of the pool's first attempts, 0-1, as it is pushed to sidecars
     * @param waitSeconds expected wait for a slot, absent where nothing is known of its capacity
     * @param reason why it gets what it gets
     */
    public record CandidateView(
            String provider,
            String model,
            boolean standby,
            @Nullable String status,
            @Nullable Double share,
            @Nullable Long inFlight,
            @Nullable Integer slots,
            @Nullable Double waitSeconds,
            @Nullable String reason) {
        boolean serves() {
            return share != null && share > 0 && !standby;
        }
    }

    /** As things are after the last tick. */
    static RouteView of(Image image, String model) {
        Optional<Pool> found = pool(image.config(), model);
        if (found.isEmpty()) {
            return unknown(image.config(), model);
        }
        Pool pool = found.get();
        boolean governed =
                pool.admission().pick().isPresent() && !image.handedOver().contains(pool.name());
        // what is in force is what was released; the tick's own figures are newer, and only those of providers are
        // asked for
        Optional<PoolProposal> decided =
                image.decision().flatMap(decision -> decision.proposal().pool(pool.name()));
        double work = image.decision()
                .flatMap(decision -> decision.observation().pool(pool.name()))
                .map(PoolInput::workPerRequest)
                .orElse(1.0);
        List<CandidateView> candidates = pool.members().stream()
                .map(member -> candidate(
                        member, real(pool, model), decided, image.proposal().provider(member.provider()), work))
                .sorted(order(governed))
                .toList();
        boolean nobody = decided.isPresent() && candidates.stream().noneMatch(CandidateView::serves);
        String refusal = decided.isEmpty() ? "503, no decision is in force yet" : nobody ? "429 no_provider" : null;
        return new RouteView(
                model,
                pool.name(),
                pool.admission().pick().isPresent() ? "governed" : "mesh",
                decided.map(PoolProposal::price).orElse(null),
                decided.map(PoolProposal::congestion).orElse(null),
                refusal,
                candidates,
                words(pool, model, governed, decided, refusal, candidates));
    }

    /** As far as the configuration alone tells. */
    public static RouteView of(Config config, String model) {
        Optional<Pool> found = pool(config, model);
        if (found.isEmpty()) {
            return unknown(config, model);
        }
        Pool pool = found.get();
        List<CandidateView> candidates = pool.members().stream()
                .map(member -> candidate(member, real(pool, model), Optional.empty(), Optional.empty(), 1))
                .toList();
        return new RouteView(
                model,
                pool.name(),
                pool.admission().pick().isPresent() ? "governed" : "mesh",
                null,
                null,
                null,
                candidates,
                words(pool, model, pool.admission().pick().isPresent(), Optional.empty(), null, candidates));
    }

    /** The view as JSON, as the admin port answers it. */
    public String json() {
        return new String(Json.bytes(this), StandardCharsets.UTF_8);
    }

    /** The pool whose name for the model is the most exact. */
    private static Optional<Pool> pool(Config config, String model) {
        return config.pools().values().stream()
                .filter(pool -> exactness(pool, model) > 0)
                .max(Comparator.comparingInt(pool -> exactness(pool, model)));
    }

    /** A whole name before any beginning, a longer beginning before a shorter one; 0 = none. */
    private static int exactness(Pool pool, String model) {
        if (!(pool.match() instanceof Pool.Match.Model match)) {
            return 0;
        }
        return match.whole().contains(model)
                ? Integer.MAX_VALUE
                : match.beginnings().stream()
                        .filter(model::startsWith)
                        .mapToInt(String::length)
                        .max()
                        .orElse(0);
    }

    /** What a provider gets whose member does not rename. */
    private static String real(Pool pool, String model) {
        return pool.match() instanceof Pool.Match.Model match ? match.aliases().getOrDefault(model, model) : model;
    }

    private static RouteView unknown(Config config, String model) {
        List<String> models = config.pools().values().stream()
                .flatMap(pool -> pool.match() instanceof Pool.Match.Model match
                        ? Stream.concat(match.names().stream(), match.aliases().keySet().stream())
                        : Stream.empty())
                .sorted()
                .toList();
        boolean others = config.pools().values().stream().anyMatch(pool -> !(pool.match() instanceof Pool.Match.Model));
        List<String> lines = new ArrayList<>();
        lines.add("No pool serves the model " + model + ": 404 model_not_found.");
        lines.add(models.isEmpty() ? "No pool is by model at all." : "There are: " + String.join(", ", models) + ".");
        if (others) {
            lines.add("(" + OTHERWISE + ")");
        }
        return new RouteView(model, null, null, null, null, "404 model_not_found", List.of(), lines);
    }

    private static CandidateView candidate(
            Pool.Member member,
            String real,
            Optional<PoolProposal> decided,
            Optional<ProviderState> state,
            double work) {
        return new CandidateView(
                member.provider(),
                member.model().orElse(real),
                member.standby(),
                state.map(known -> known.status().name().toLowerCase(Locale.ROOT))
                        .orElse(null),
                decided.flatMap(pool -> pool.member(member.provider()))
                        .map(one -> one.weight() / (double) Proposal.TOTAL_WEIGHT)
                        .orElse(null),
                state.map(ProviderState::inFlight).orElse(null),
                state.map(ProviderState::slots).orElse(null),
                state.filter(known -> known.trustedCapacity() > 0)
                        .map(known -> Math.max(0, known.backlog() + work) / known.trustedCapacity())
                        .orElse(null),
                state.map(ProviderState::reason).orElse(null));
    }

    /** Governed pools go by the wait, others by the share; who takes retries only comes last. */
    private static Comparator<CandidateView> order(boolean governed) {
        Comparator<CandidateView> byShare =
                Comparator.comparingDouble((CandidateView one) -> one.share() == null ? 0 : -one.share());
        Comparator<CandidateView> byWait = Comparator.comparingDouble(
                (CandidateView one) -> one.waitSeconds() == null ? Double.MAX_VALUE : one.waitSeconds());
        return Comparator.comparing((CandidateView one) -> !one.serves())
                .thenComparing(governed ? byWait.thenComparing(byShare) : byShare.thenComparing(byWait));
    }

    private static List<String> words(
            Pool pool,
            String model,
            boolean governed,
            Optional<PoolProposal> decided,
            @Nullable String refusal,
            List<CandidateView> candidates) {
        List<String> lines = new ArrayList<>();
        lines.add("A request for " + model + " goes to pool " + pool.name() + "."
                + decided.map(now -> " It costs " + now.price() + " atomic units per 1 000 work units now; congestion "
                                + now.congestion() + " of 100.")
                        .orElse(""));
        if (refusal != null) {
            lines.add("It would be refused: " + refusal + ".");
        }
        lines.add(
                governed
                        ? "The control plane would pick who serves it soonest:"
                        : "The sidecar would draw one of these by its share:");
        candidates.forEach(candidate -> lines.add("  " + words(candidate, model)));
        lines.add(
                pool.retries().most() == 0 || candidates.size() < 2
                        ? "A failure there would be the agent's to see."
                        : "A failure there would be tried again elsewhere, "
                                + ExplanationText.counted(pool.retries().most(), "time") + ".");
        return lines;
    }

    private static String words(CandidateView candidate, String model) {
        StringBuilder line = new StringBuilder(candidate.provider());
        if (!candidate.model().equals(model)) {
            line.append(" (as ").append(candidate.model()).append(')');
        }
        if (candidate.standby()) {
            line.append(": retries only");
        } else if (candidate.share() != null) {
            line.append(": ")
                    .append(ExplanationText.number(100 * candidate.share()))
                    .append(" %");
        }
        if (candidate.waitSeconds() != null) {
            line.append(
                    candidate.waitSeconds() > 0
                            ? ", would wait " + ExplanationText.seconds(candidate.waitSeconds())
                            : ", would not wait");
        }
        if (candidate.reason() != null) {
            line.append("; ").append(candidate.reason());
        }
        return line.toString();
    }
}
