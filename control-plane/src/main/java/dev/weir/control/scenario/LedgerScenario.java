package dev.weir.control.scenario;

import dev.weir.control.ledger.RecordedCalls;
import dev.weir.control.model.Decision;
import dev.weir.control.scenario.ScenarioNodes.PoolNode;
import dev.weir.control.scenario.ScenarioNodes.ProviderNode;
import dev.weir.control.scenario.ScenarioNodes.Root;
import dev.weir.control.scenario.ScenarioNodes.Sizes;
import dev.weir.control.store.Database;
import dev.weir.control.store.SqlDecisionStore;
import dev.weir.control.store.SqliteDatabase;
import dev.weir.sim.experiment.OwnMesh;
import dev.weir.weights.Proposal.ProviderState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A mesh inferred from the calls that a control plane has recorded, with what was inferred in words.
 *
 * <p>Pools and members: of the newest decision, and what the calls went to. Rates: calls over the time that they span.
 * Slots and claims: what the newest decision says was declared; without that, the most that was ever in flight. Service
 * times: {@link RecordedServiceTimes}.
 *
 * @param root the mesh as a scenario file has it
 * @param notes what was inferred, a line each
 */
public record LedgerScenario(ScenarioNodes.Root root, List<String> notes) {
    private static final int MIN_CALLS = 100;
    private static final double MIN_SECONDS = 1;
    private static final double NEARLY_ALIKE = 0.05;
    private static final double MAX_RUN_REQUESTS = 1e6;
    private static final double USUAL_SECONDS = 300;

    public LedgerScenario {
        notes = List.copyOf(notes);
    }

    /**
     * Reads a control plane's database, at most its newest {@value RecordedCalls#MAX} calls.
     *
     * @throws IllegalArgumentException with what is missing, when it does not hold a mesh
     */
    public static LedgerScenario read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw Expect.wrong("--from-ledger", file, "a control plane's database");
        }
        try (Database database = SqliteDatabase.open(file)) {
            RecordedCalls calls = RecordedCalls.read(database);
            return of(String.valueOf(file.getFileName()), calls, new SqlDecisionStore(database).last());
        }
    }

    /** Throws {@link IllegalArgumentException} as {@link #read} does. */
    public OwnMesh mesh() {
        return ScenarioMesh.of(root, "ledger");
    }

    /** Writes it as a scenario file, the notes as comments. */
    public void save(Path file) throws IOException {
        StringBuilder text = new StringBuilder();
        notes.forEach(note -> text.append("# ").append(note).append('\n'));
        Files.writeString(file, text.append(ScenarioFile.write(root)).toString());
    }

    static LedgerScenario of(String name, RecordedCalls calls, Optional<Decision> decision) {
        Expect.that(calls.count() >= MIN_CALLS, name, calls.count() + " calls", "at least " + MIN_CALLS);
        double seconds = calls.seconds();
        Expect.that(seconds >= MIN_SECONDS, name, seconds + " s of calls", "at least 1 s");
        List<String> notes = new ArrayList<>();
        notes.add(text("inferred from %d calls over %.1f s at %d sidecars", calls.count(), seconds, calls.sidecars()));
        Map<String, SortedSet<String>> members = new TreeMap<>();
        decision.ifPresent(d -> d.proposal()
                .pools()
                .forEach(p -> p.members()
                        .forEach(m -> members.computeIfAbsent(p.id(), id -> new TreeSet<>())
                                .add(m.provider()))));
        calls.members()
                .forEach((pool, providers) ->
                        members.computeIfAbsent(pool, id -> new TreeSet<>()).addAll(providers));
        List<PoolNode> pools = new ArrayList<>();
        SortedSet<String> used = new TreeSet<>();
        double rates = 0;
        for (Map.Entry<String, SortedSet<String>> pool : members.entrySet()) {
            double rate = calls.calls(pool.getKey()) / seconds;
            if (rate == 0) {
                notes.add("pool " + pool.getKey() + ": no calls, left out");
                continue;
            }
            rates += rate;
            used.addAll(pool.getValue());
            pools.add(new PoolNode(pool.getKey(), List.copyOf(pool.getValue()), rounded(rate), null));
            notes.add(text(
                    "pool %s: %.3g requests/s over %s, taken as Poisson; calls per second vary %.2f times as much as Poisson's",
                    pool.getKey(), rate, pool.getValue(), calls.dispersion(pool.getKey())));
        }
        Expect.that(!pools.isEmpty(), name, "no call reached a provider", "calls of pools");
        List<ProviderNode> providers = new ArrayList<>();
        for (String provider : used) {
            providers.add(provider(provider, calls.of(provider), declared(decision, provider), notes));
        }
        Root root = new Root(
                name,
                rounded(Math.min(USUAL_SECONDS, MAX_RUN_REQUESTS / rates)),
                null,
                null,
                calls.sidecars(),
                null,
                null,
                null,
                providers,
                pools,
                null);
        return new LedgerScenario(root, notes);
    }

    private static Optional<ProviderState> declared(Optional<Decision> decision, String provider) {
        return decision.flatMap(d -> d.proposal().provider(provider)).filter(p -> p.declaredCapacity() > 0);
    }

    private static ProviderNode provider(
            String id, List<RecordedCalls.Attempt> attempts, Optional<ProviderState> declared, List<String> notes) {
        double work = attempts.stream()
                .mapToDouble(RecordedCalls.Attempt::work)
                .average()
                .orElse(1);
        int most = RecordedServiceTimes.mostInFlight(attempts);
        int slots = declared.map(ProviderState::slots).filter(s -> s > 0).orElse(Math.max(1, most));
        double claim =
                declared.map(d -> d.declaredCapacity() / (work > 0 ? work : 1)).orElse(0.0);
        Optional<RecordedServiceTimes> seen = RecordedServiceTimes.of(attempts, slots);
        if (seen.isEmpty() && claim == 0) {
            throw Expect.wrong(
                    "provider " + id,
                    attempts.size() + " answered calls",
                    "at least " + RecordedServiceTimes.ENOUGH + ", or a declaration to go by");
        }
        double service = seen.map(RecordedServiceTimes::meanSeconds).orElse(slots / Math.max(1e-9, claim));
        double variation = seen.map(RecordedServiceTimes::squaredVariation).orElse(1.0);
        notes.add(text(
                        "provider %s: %d slots (%s), ",
                        id, slots, declared.isPresent() ? "declared" : "most ever in flight")
                + seen.map(s -> text(
                                "service %.4g s, cv^2 %.2f, from %d answers that met a free slot",
                                service, variation, s.samples()))
                        .orElse(text("service %.4g s from what is declared: too few answers met a free slot", service))
                + (claim > 0 ? text("; claims %.4g requests/s, does %.4g", claim, slots / service) : ""));
        Sizes sizes = variation < NEARLY_ALIKE
                ? new Sizes("deterministic", null)
                : new Sizes("lognormal", rounded(Math.min(variation, 1000)));
        return new ProviderNode(id, slots, rounded(service), claim > 0 ? rounded(claim) : null, sizes);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** Four digits: no more was measured. */
    private static double rounded(double value) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.3e", value));
    }
}
