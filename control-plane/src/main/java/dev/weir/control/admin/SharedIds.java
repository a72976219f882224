package dev.weir.control.admin;

import dev.weir.xds.delivery.SidecarView;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Node ids that several open streams say. */
public final class SharedIds {
    private SharedIds() {}

    public static Set<String> of(List<SidecarView> sidecars) {
        Set<String> seen = new HashSet<>();
        Set<String> shared = new HashSet<>();
        for (SidecarView each : sidecars) {
            if (!seen.add(each.node())) {
                shared.add(each.node());
            }
        }
        return shared;
    }
}
