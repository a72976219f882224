package dev.weir.xds.wire;

/** Names of a sidecar's clusters that lead to the control plane; its bootstrap defines them. */
public final class ControlPlaneClusters {
    public static final String XDS = "xds";
    public static final String ACCESS_LOGS = "als";
    public static final String CHECK = "check";

    private ControlPlaneClusters() {}
}
