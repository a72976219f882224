package dev.weir.control.metrics;

import dev.weir.xds.delivery.SidecarView;
import java.util.List;

/** What sidecars refuse now. */
public final class RefusedResources {
    private RefusedResources() {}

    /** Resources, each counted once per sidecar; a refusal that no resource is known for counts as one. */
    public static int count(List<SidecarView> sidecars) {
        return sidecars.stream()
                .flatMap(sidecar -> sidecar.types().values().stream())
                .mapToInt(type -> type.refusedVersion().isEmpty()
                        ? 0
                        : Math.max(1, type.refusals().size()))
                .sum();
    }
}
