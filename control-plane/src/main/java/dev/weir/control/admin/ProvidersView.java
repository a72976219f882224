package dev.weir.control.admin;

import dev.weir.control.metrics.Latencies.Latency;
import dev.weir.control.model.Config;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Declarations.Block;
import dev.weir.control.model.Declarations.Declaration;
import dev.weir.control.model.Image;
import dev.weir.control.model.Mesh;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Provider;
import dev.weir.control.quota.QuotaState;
import dev.weir.weights.Proposal.ProviderState;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /v1/providers}: what is declared of every configured provider, what is believed, and how it does now.
 *
 * @param mesh its name
 * @param policy how the split is made: {@code water-filling} or {@code wrr}
 * @param source where declarations come from: {@code file}, {@code chain} or {@code none}
 * @param head newest confirmed block, absent without a chain
 * @param confirmedAtMillis wall clock when the source last answered, absent = never
 * @param ageSeconds since then, absent for a file, which does not age
 * @param problem why the source does not answer now, absent = it does
 * @param handedOver governed pools whose requests go by the split now, because checks or records are too late
 */
record ProvidersView(
        String mesh,
        String policy,
        long atMillis,
        String source,
        @Nullable Block head,
        @Nullable Long confirmedAtMillis,
        @Nullable Double ageSeconds,
        @Nullable String problem,
        List<String> handedOver,
        List<ProviderView> providers) {

    /**
     * @param endpoint host and port as configured, and the path of its URL
     * @param addresses as resolved; empty = the name has not resolved
     * @param pools that name it
     * @param declared absent = has declared nothing
     * @param remark why nothing or less than what is said of it on the chain counts, absent = nothing to say
     * @param load absent where no pool names it
     * @param latency absent when nothing completed in the last 10 s
     * @param quotas what was learnt of them, by model; empty before its first attempt
     */
    record ProviderView(
            String provider,
            String endpoint,
            boolean tls,
            List<String> addresses,
            List<String> pools,
            @Nullable Declared declared,
            @Nullable String remark,
            @Nullable Load load,
            @Nullable Latency latency,
            List<QuotaView> quotas) {}

    /**
     * @param stakeCap work units per second that its stake stands for, absent = no cap
     * @param counts which of them counts: {@code declared} or {@code stakeCap}
     * @param countedWorkUnitsPerSecond the lesser of the two
     * @param countedSlots slots that count with it
     * @param block where it was declared, absent for a file
     */
    record Declared(
            double workUnitsPerSecond,
            int slots,
            List<String> taskTypes,
            @Nullable String stake,
            @Nullable Double stakeCap,
            String counts,
            double countedWorkUnitsPerSecond,
            int countedSlots,
            @Nullable Block block) {}

    /** @param backlog work units beyond its free slots; negative = free slots */
    record Load(
            String status,
            double trustedCapacity,
            int slots,
            long inFlight,
            double backlog,
            double completionRate,
            String reason) {}

    static ProvidersView of(Image image, Map<String, Latency> latencies, List<QuotaState> quotas, long nowMillis) {
        Declarations declarations = image.declarations();
        boolean confirmed = declarations.confirmedAtMillis() > 0;
        return new ProvidersView(
                image.config().mesh().name(),
                image.config().mesh().control().policy() == Mesh.Policy.WRR ? "wrr" : "water-filling",
                image.atMillis(),
                declarations.source(),
                declarations.head().orElse(null),
                confirmed ? declarations.confirmedAtMillis() : null,
                confirmed && !declarations.source().equals("file")
                        ? Math.max(0, nowMillis - declarations.confirmedAtMillis()) / 1000.0
                        : null,
                declarations.problem().orElse(null),
                image.handedOver().stream().sorted().toList(),
                image.config().providers().values().stream()
                        .map(provider -> new ProviderView(
                                provider.name(),
                                endpoint(provider.endpoint()),
                                provider.endpoint().tls().isPresent(),
                                image.addresses().getOrDefault(provider.name(), List.of()),
                                pools(image.config(), provider.name()),
                                Optional.ofNullable(declarations.byProvider().get(provider.name()))
                                        .map(ProvidersView::declared)
                                        .orElse(null),
                                declarations.remarks().get(provider.name()),
                                image.proposal()
                                        .provider(provider.name())
                                        .map(ProvidersView::load)
                                        .orElse(null),
                                latencies.get(provider.name()),
                                QuotaView.of(quotas, provider.name())))
                        .toList());
    }

    private static String endpoint(Provider.Endpoint of) {
        return (of.host().contains(":") ? "[" + of.host() + "]" : of.host()) + ":" + of.port()
                + of.base().orElse("");
    }

    private static List<String> pools(Config config, String provider) {
        return config.pools().values().stream()
                .filter(pool -> pool.has(provider))
                .map(Pool::name)
                .toList();
    }

    private static Declared declared(Declaration declaration) {
        return new Declared(
                declaration.workUnitsPerSecond(),
                declaration.slots(),
                declaration.taskTypes(),
                declaration.stake().orElse(null),
                declaration.cap().orElse(null),
                declaration.isCapped() ? "stakeCap" : "declared",
                declaration.countedRate(),
                declaration.countedSlots(),
                declaration.block().orElse(null));
    }

    private static Load load(ProviderState state) {
        return new Load(
                state.status().name().toLowerCase(Locale.ROOT),
                state.trustedCapacity(),
                state.slots(),
                state.inFlight(),
                state.backlog(),
                state.completionRate(),
                state.reason());
    }
}
