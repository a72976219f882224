package dev.weir.control.up;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SidecarStatusTest {
    private static final String CONNECTED = "control_plane.connected_state: 1\n";
    private static final String ROUTED = "http.agents.rds.agents.update_success: 2\n";
    private static final String KNOWN = "cluster.chat|alpha.membership_total: 1\n";
    private static final String OURS = "cluster.xds.membership_total: 1\n";

    @Test
    void each_of_three_things_is_needed_and_named() {
        assertThat(SidecarStatus.missing(OURS + CONNECTED + ROUTED + KNOWN)).isEmpty();
        assertThat(SidecarStatus.missing("")).hasValue("the sidecar is not connected to the control plane");
        assertThat(SidecarStatus.missing("control_plane.connected_state: 0\n" + ROUTED + KNOWN))
                .hasValue("the sidecar is not connected to the control plane");
        assertThat(SidecarStatus.missing(CONNECTED + "http.agents.rds.agents.update_success: 0\n" + KNOWN))
                .hasValue("the sidecar has no routes");
        assertThat(SidecarStatus.missing(OURS + CONNECTED + ROUTED + "cluster.chat|alpha.membership_total: 0\n"))
                .hasValue("no pool has a provider whose address is known");
        assertThat(SidecarStatus.missing(OURS + CONNECTED + ROUTED + "cluster.chat|a.membership_total: 0\n" + KNOWN))
                .as("one will do")
                .isEmpty();
    }
}
