package dev.weir.weights;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Where a pool without traffic rests: there the next burst goes. */
final class IdlePoolTest {
    private static int shared(Proposal proposal) {
        return proposal.pools().get(1).members().get(0).weight();
    }

    /** A stream that its provider has room for leaves that room to an idle pool; what queues there does not. */
    @Test
    void an_idle_pool_rests_by_free_slots_beside_another_pools_stream() {
        MeshFake mesh = new MeshFake().provider("shared", 100, 8).provider("fresh", 100, 8);
        mesh.pool("busy", "shared").pool("idle", "shared", "fresh");
        MeshFake.Member stream = mesh.member("busy", "shared");
        stream.first = 10;
        stream.completed = 10;
        stream.inFlight = 4;
        Calculator calculator = new Calculator(Settings.DEFAULTS, null);
        Proposal proposal = calculator.tick(mesh.next());
        for (int tick = 0; tick < 100; tick++) {
            proposal = calculator.tick(mesh.next());
        }
        assertThat(shared(proposal)).isBetween(200_000, 400_000);

        stream.inFlight = 30;
        for (int tick = 0; tick < 100; tick++) {
            proposal = calculator.tick(mesh.next());
        }
        assertThat(shared(proposal)).isLessThan(50_000);
    }
}
