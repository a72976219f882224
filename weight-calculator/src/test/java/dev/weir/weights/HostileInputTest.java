package dev.weir.weights;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.weights.Proposal.Status;
import dev.weir.weights.Settings.Policy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever comes in, what goes out is whole: sums, signs, numbers. */
final class HostileInputTest {
    static void assertWhole(Observation in, Proposal out, String what) {
        assertThat(out.pools()).as(what).hasSameSizeAs(in.pools());
        assertThat(out.providers()).as(what).hasSameSizeAs(in.providers());
        for (int t = 0; t < out.pools().size(); t++) {
            Proposal.PoolProposal pool = out.pools().get(t);
            long sum = 0;
            for (Proposal.Member member : pool.members()) {
                assertThat(member.weight()).as(what).isBetween(0, 1_000_000);
                assertThat(member.price()).as(what).isPositive();
                sum += member.weight();
            }
            assertThat(sum).as(what).isIn(0L, 1_000_000L);
            assertThat(pool.demand()).as(what).isFinite().isNotNegative();
            assertThat(pool.utilisation()).as(what).isFinite().isNotNegative();
            assertThat(pool.levelSeconds()).as(what).isFinite();
            assertThat(pool.congestion()).as(what).isBetween(0, 100);
            assertThat(pool.price()).as(what).isPositive();
            assertThat(pool.priceNumber()).as(what).isPositive();
            assertThat(pool.logPrice()).as(what).isBetween(0.0, 7.0);
        }
        for (Proposal.ProviderState provider : out.providers()) {
            assertThat(provider.trustedCapacity()).as(what).isFinite().isNotNegative();
            assertThat(provider.backlog()).as(what).isFinite();
            assertThat(provider.completionRate()).as(what).isFinite().isNotNegative();
            assertThat(provider.reason()).as(what).isNotBlank();
        }
        assertThat(out.release().savedSeconds()).as(what).isFinite();
        assertThat(out.release().released())
                .as(what)
                .isEqualTo(!out.release().causes().isEmpty());
    }

    @ParameterizedTest
    @EnumSource(Policy.class)
    void every_proposal_is_whole(Policy policy) {
        for (long seed = 1; seed <= 12; seed++) {
            for (double absurdity : new double[] {0, 0.02, 0.3}) {
                Fuzz fuzz = new Fuzz(seed, absurdity);
                Calculator calculator = new Calculator(OtherSettings.policy(policy), null);
                for (int tick = 0; tick < 150; tick++) {
                    Observation in = fuzz.next();
                    assertWhole(in, calculator.tick(in), "seed " + seed + " absurdity " + absurdity + " tick " + tick);
                }
            }
        }
    }

    @Test
    void any_released_proposal_can_be_restored() {
        for (long seed = 1; seed <= 12; seed++) {
            Fuzz fuzz = new Fuzz(seed, 0.1);
            Calculator calculator = new Calculator(Settings.DEFAULTS, null);
            for (int tick = 0; tick < 100; tick++) {
                Observation in = fuzz.next();
                Proposal out = calculator.tick(in);
                assertWhole(in, out, "seed " + seed + " tick " + tick);
                if (out.release().released() && tick % 5 == 0) {
                    calculator = new Calculator(Settings.DEFAULTS, out);
                }
            }
        }
    }

    @Test
    void absurd_numbers_are_named_in_the_reason() {
        MeshFake mesh = MeshFake.five();
        mesh.provider("a").declared = Double.NaN;
        mesh.provider("b").declared = 1e308;
        mesh.member("chat", "c").inFlight = -7;
        mesh.provider("d").slots = -3;
        Proposal proposal = new Calculator(Settings.DEFAULTS, null).tick(mesh.next());
        assertThat(proposal.providers().get(0).reason()).contains("declared capacity NaN taken as 0");
        assertThat(proposal.providers().get(0).status()).isEqualTo(Status.ABSENT);
        assertThat(proposal.providers().get(1).reason()).contains("taken as 1.0E12");
        assertThat(proposal.providers().get(2).reason()).contains("requests in flight -7 taken as 0");
        assertThat(proposal.providers().get(3).reason()).contains("slots -3 taken as not declared");
    }

    @Test
    void nobody_may_have_traffic() {
        MeshFake mesh = MeshFake.five();
        mesh.providers.values().forEach(p -> p.declared = 0);
        mesh.member("chat", "a").first = 100;
        Calculator calculator = new Calculator(Settings.DEFAULTS, null);
        calculator.tick(mesh.next());
        Proposal proposal = calculator.tick(mesh.next());
        assertThat(proposal.pools().get(0).members()).allMatch(m -> m.weight() == 0);
        assertThat(proposal.pools().get(0).utilisation()).isEqualTo(1000);
    }

    @Test
    void standbys_take_over_when_nobody_else_can() {
        MeshFake mesh = MeshFake.five();
        mesh.member("chat", "e").retryOnly = true;
        Calculator calculator = new Calculator(Settings.DEFAULTS, null);
        Proposal normal = calculator.tick(mesh.next());
        assertThat(normal.pools().get(0).members().get(4).weight()).isEqualTo(1);
        for (String id : new String[] {"a", "b", "c", "d"}) {
            mesh.provider(id).declared = 0;
        }
        Proposal alone = calculator.tick(mesh.next());
        assertThat(alone.pools().get(0).members().get(4).weight()).isEqualTo(1_000_000);
    }

    @Test
    void capacity_that_jumps_by_a_billion_is_taken_slowly() {
        MeshFake mesh = MeshFake.five();
        Calculator calculator = new Calculator(Settings.DEFAULTS, null);
        calculator.tick(mesh.next());
        mesh.provider("a").declared = 1e9;
        Proposal proposal = calculator.tick(mesh.next());
        assertThat(proposal.providers().get(0).trustedCapacity()).isLessThan(1e7);
    }

    @Test
    void the_same_input_gives_the_same_bits_in_another_machine() throws IOException, InterruptedException {
        String here = Fuzz.digest(42, 400, null);
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xint",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Fuzz.class.getName(),
                        "42",
                        "400")
                .redirectErrorStream(true)
                .start();
        String there = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(other.waitFor()).as(there).isZero();
        assertThat(there).isEqualTo(here);
    }
}
