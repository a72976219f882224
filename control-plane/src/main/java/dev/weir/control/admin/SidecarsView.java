package dev.weir.control.admin;

import dev.weir.xds.delivery.SidecarView;
import dev.weir.xds.delivery.SidecarView.TypeState;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code GET /v1/sidecars}: who is connected, and what they acknowledged or refused and why. */
record SidecarsView(List<Sidecar> sidecars) {
    /**
     * @param node node id, as the sidecar says it
     * @param listen where it listens for agents
     * @param refuses whether it refuses the newest response of any type now
     * @param types by the last part of the type's URL
     */
    record Sidecar(
            String node,
            String listen,
            String accessLog,
            long connectedSinceMillis,
            boolean refuses,
            Map<String, TypeState> types) {}

    static SidecarsView of(List<SidecarView> sidecars) {
        return new SidecarsView(sidecars.stream()
                .sorted(Comparator.comparing(SidecarView::node))
                .map(SidecarsView::sidecar)
                .toList());
    }

    private static Sidecar sidecar(SidecarView view) {
        Map<String, TypeState> types = new TreeMap<>();
        view.types().forEach((url, state) -> types.put(url.substring(url.lastIndexOf('.') + 1), state));
        return new Sidecar(
                view.node(),
                view.profile().listenAddress() + ":" + view.profile().listenPort(),
                view.profile().accessLogPath(),
                view.connectedSinceMillis(),
                types.values().stream().anyMatch(t -> !t.refusedVersion().isEmpty()),
                types);
    }
}
