package dev.weir.control.admin;

import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.delivery.SidecarView;
import dev.weir.xds.delivery.SidecarView.TypeState;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** {@code GET /v1/sidecars}: the sidecars that are connected, and what they acknowledged or refused and why. */
record SidecarsView(List<Sidecar> sidecars) {
    /**
     * @param node node id, as the sidecar says it
     * @param role consumer (beside an agent) or provider (before providers)
     * @param listen where it listens
     * @param accessLog a consumer's; left out otherwise
     * @param providers those behind a provider's sidecar; left out otherwise
     * @param sharesId whether another open stream says the same node id: for a moment when a sidecar reconnects, else a
     *     bootstrap that was copied
     * @param refuses whether it refuses the newest response of any type now
     * @param types by the last part of the type's URL
     */
    record Sidecar(
            String node,
            String role,
            String listen,
            @Nullable String accessLog,
            @Nullable List<String> providers,
            long connectedSinceMillis,
            boolean sharesId,
            boolean refuses,
            Map<String, TypeState> types) {}

    static SidecarsView of(List<SidecarView> sidecars) {
        Set<String> shared = SharedIds.of(sidecars);
        return new SidecarsView(sidecars.stream()
                .sorted(Comparator.comparing(SidecarView::node))
                .map(view -> sidecar(view, shared.contains(view.node())))
                .toList());
    }

    private static Sidecar sidecar(SidecarView view, boolean sharesId) {
        Map<String, TypeState> types = new TreeMap<>();
        view.types().forEach((url, state) -> types.put(url.substring(url.lastIndexOf('.') + 1), state));
        SidecarProfile profile = view.profile();
        return new Sidecar(
                view.node(),
                profile instanceof SidecarProfile.Provider ? "provider" : "consumer",
                profile.listenAddress() + ":" + profile.listenPort(),
                profile instanceof SidecarProfile.Consumer consumer ? consumer.accessLogPath() : null,
                profile instanceof SidecarProfile.Provider provider ? provider.providers() : null,
                view.connectedSinceMillis(),
                sharesId,
                types.values().stream().anyMatch(t -> !t.refusedVersion().isEmpty()),
                types);
    }
}
