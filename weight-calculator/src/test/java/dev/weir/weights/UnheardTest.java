package dev.weir.weights;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.weights.Proposal.Status;
import org.junit.jupiter.api.Test;

/** A sidecar that went away with its calls leaves a gauge behind, and nobody who would tell how they end. */
final class UnheardTest {
    private final Calculator calculator = new Calculator(Settings.DEFAULTS, null);
    private final MeshFake mesh = new MeshFake().provider("p", 100, 8).pool("chat", "p");
    private final MeshFake.Member member = mesh.member("chat", "p");

    private Status after(int ticks) {
        Proposal proposal = calculator.tick(mesh.next());
        for (int tick = 1; tick < ticks; tick++) {
            proposal = calculator.tick(mesh.next());
        }
        return proposal.providers().get(0).status();
    }

    private void serves() {
        member.first = 10;
        member.completed = 10;
        member.inFlight = 2;
        assertThat(after(40)).isEqualTo(Status.ACTIVE);
        member.first = 0;
        member.completed = 0;
    }

    @Test
    void what_nobody_can_report_the_end_of_is_no_silence() {
        serves();
        member.unheard = 2;
        assertThat(after(24)).isEqualTo(Status.ACTIVE);
    }

    @Test
    void what_others_wait_for_meanwhile_is() {
        serves();
        member.inFlight = 5;
        member.unheard = 2;
        assertThat(after(24)).isEqualTo(Status.STALLED);
    }

    @Test
    void more_unheard_than_in_flight_is_none_in_flight() {
        serves();
        member.unheard = 1_000;
        assertThat(after(24)).isEqualTo(Status.ACTIVE);
    }
}
