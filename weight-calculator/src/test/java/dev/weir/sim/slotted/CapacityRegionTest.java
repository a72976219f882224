package dev.weir.sim.slotted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

final class CapacityRegionTest {
    @Test
    void the_boundary_by_sets_is_the_boundary_by_linear_programming() {
        for (long seed = 1; seed <= 100; seed++) {
            Network network = Networks.random(seed);
            assertThat(byLinearProgram(network)).as(network.name()).isCloseTo(1, within(1e-7));
        }
    }

    @Test
    void known_networks_have_their_known_boundary() {
        assertThat(CapacityRegion.boundary(Networks.n2(0.5))).isEqualTo(2);
        assertThat(CapacityRegion.boundary(Networks.chain(0.8))).isCloseTo(1.25, within(1e-12));
        assertThat(CapacityRegion.boundary(Networks.heterogeneous(0.5))).isCloseTo(2, within(1e-12));
    }

    /** The largest theta with flows {@code sum_k f_tk >= theta lambda_t, sum_t f_tk <= mu_k}. */
    private static double byLinearProgram(Network network) {
        int classes = network.members().size();
        int providers = network.capacity().size();
        int flows = network.members().stream().mapToInt(List::size).sum();
        double[][] a = new double[classes + providers][flows + 1];
        double[] b = new double[classes + providers];
        double[] c = new double[flows + 1];
        c[flows] = 1;
        int flow = 0;
        for (int t = 0; t < classes; t++) {
            for (int k : network.members().get(t)) {
                a[t][flow] = -1;
                a[classes + k][flow] = 1;
                flow++;
            }
            a[t][flows] = network.rates().get(t);
        }
        for (int k = 0; k < providers; k++) {
            b[classes + k] = network.capacity().get(k);
        }
        return Simplex.maximum(a, b, c);
    }
}
