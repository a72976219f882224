package dev.weir.control.demo;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.control.chain.Anvil;
import dev.weir.control.chain.Deployment;
import dev.weir.control.chain.Onboarding;
import dev.weir.control.chain.PrivateKey;
import dev.weir.control.chain.Wallet;
import dev.weir.control.testbed.ChainPlace;
import dev.weir.control.testbed.Fleet;
import dev.weir.control.testbed.load.CallResult;
import dev.weir.control.testbed.load.LoadRun;
import dev.weir.control.testbed.load.LoadShares;
import dev.weir.control.testbed.load.PlannedCall;
import dev.weir.xds.testing.EnvoyProcess;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to calls, records and splits when a part of the mesh goes away under load. */
final class OutageIT {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @TempDir
    Path directory;

    private static List<CallResult> finish(LoadRun run) {
        Awaitility.await().atMost(Duration.ofMinutes(3)).until(() -> run.open() == 0);
        return run.results(0);
    }

    @Test
    void a_killed_control_plane_fails_no_call_loses_no_record_and_sends_nothing_again() throws Exception {
        List<PlannedCall> plan = WholeMesh.plan(0.6, Duration.ofSeconds(20));
        try (WholeMesh mesh = new WholeMesh(directory, Optional.empty())) {
            LoadRun run = mesh.play(plan);
            WholeMesh.waitUntil(run, 5);
            mesh.killControlPlane();
            List<Long> sent =
                    mesh.sidecars().stream().map(OutageIT::coldUpdates).toList();
            WholeMesh.waitUntil(run, 10);
            mesh.restartControlPlane();
            List<CallResult> results = finish(run);

            assertThat(results)
                    .hasSize(plan.size())
                    .allSatisfy(
                            r -> assertThat(r.answered()).as("%s", r.problem()).isTrue());
            assertThat(mesh.sidecars().stream().map(OutageIT::coldUpdates).toList())
                    .as("clusters and listeners are not sent again")
                    .isEqualTo(sent);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(mesh.output("run")).contains("stays in force"));
            assertThat(meanWaitMillis(results, 10, 17))
                    .as("no worse split goes out at the start: mean wait after the restart")
                    .isLessThan(3 * meanWaitMillis(results, 2, 5) + 100);
            assertThat(mesh.check(results)).isEmpty();
        }
    }

    /** Of the calls sent between two seconds of the plan. */
    private static double meanWaitMillis(List<CallResult> results, int from, int to) {
        return results.stream()
                        .filter(r -> r.call().offsetNanos() >= from * SECOND
                                && r.call().offsetNanos() < to * SECOND)
                        .mapToLong(CallResult::waitNanos)
                        .average()
                        .orElseThrow()
                / 1e6;
    }

    /** Responses taken in of clusters and listeners: what does not change with a split or a price. */
    private static long coldUpdates(EnvoyProcess envoy) {
        return envoy.stat("cluster_manager.cds.update_success") + envoy.stat("listener_manager.lds.update_success");
    }

    @Test
    void a_stalled_provider_is_out_within_three_seconds_and_back_within_ten() throws Exception {
        List<PlannedCall> plan = WholeMesh.plan(0.5, Duration.ofSeconds(26));
        try (WholeMesh mesh = new WholeMesh(directory, Optional.empty())) {
            LoadRun run = mesh.play(plan);
            WholeMesh.waitUntil(run, 6);
            long stalled = System.nanoTime() - run.startNanos();
            mesh.provider(Fleet.LARGEST).setSpeed(0);
            WholeMesh.waitUntil(run, 15);
            long recovered = System.nanoTime() - run.startNanos();
            mesh.provider(Fleet.LARGEST).setSpeed(1);
            List<CallResult> results = finish(run);

            LoadShares shares = mesh.shares(run.startNanos());
            double former = shares.between(Fleet.LARGEST, 2 * SECOND, stalled);
            assertThat(shares.between(Fleet.LARGEST, stalled + 3 * SECOND, recovered))
                    .as("share while stalled, %s before", former)
                    .isLessThan(0.03);
            assertThat(shares.risesTo(Fleet.LARGEST, 0.8 * former, recovered, recovered + 10 * SECOND, SECOND))
                    .as("nanoseconds until 80 %% of the former share, %s", former)
                    .isPresent();
            assertThat(results)
                    .allSatisfy(
                            r -> assertThat(r.answered()).as("%s", r.problem()).isTrue());
            assertThat(mesh.check(results)).isEmpty();
        }
    }

    @Test
    void with_its_chain_gone_the_mesh_goes_on_with_what_was_confirmed_and_shows_its_age() throws Exception {
        Path anvil =
                Path.of(requireNonNull(System.getenv("WEIR_ANVIL"), "WEIR_ANVIL: not set (expected: anvil 1.7.1)"));
        Anvil.Options options = Anvil.Options.DEFAULTS.withState(directory.resolve("chain.json"));
        try (Anvil chain = Anvil.start(anvil, options);
                WholeMesh mesh = new WholeMesh(directory, Optional.of(declaredOn(chain)))) {
            List<PlannedCall> plan = WholeMesh.plan(0.6, Duration.ofSeconds(26));
            LoadRun run = mesh.play(plan);
            WholeMesh.waitUntil(run, 4);
            chain.kill();
            String before = mesh.admin("/v1/decision").path("epoch").asText();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(25))
                    .until(() -> mesh.admin("/v1/providers").path("ageSeconds").asDouble() > 18);
            JsonNode gone = mesh.admin("/v1/providers");
            assertThat(gone.path("ageSeconds").asDouble())
                    .as("age of the declarations")
                    .isGreaterThan(18);
            assertThat(gone.path("problem").asText()).contains("127.0.0.1:" + chain.port());
            assertThat(mesh.admin("/v1/decision").path("epoch").asText())
                    .as("splits go on")
                    .isNotEqualTo(before);
            assertThat(gone.path("providers"))
                    .hasSize(Fleet.PROVIDERS.size())
                    .allSatisfy(provider -> assertThat(
                                    provider.at("/declared/workUnitsPerSecond").asDouble())
                            .isPositive());
            try (Anvil again = Anvil.start(anvil, options.withPort(chain.port()))) {
                Awaitility.await().atMost(Duration.ofSeconds(40)).until(() -> {
                    JsonNode back = mesh.admin("/v1/providers");
                    return again.port() > 0
                            && back.path("problem").asText("").isEmpty()
                            && back.path("ageSeconds").asDouble() < 3;
                });
                List<CallResult> results = finish(run);
                assertThat(results)
                        .hasSize(plan.size())
                        .allSatisfy(r ->
                                assertThat(r.answered()).as("%s", r.problem()).isTrue());
                assertThat(mesh.check(results)).isEmpty();
            }
        }
    }

    /** A registry on which every provider of the fleet has staked and declared. */
    private static ChainPlace declaredOn(Anvil chain) throws Exception {
        Deployment deployment = Deployment.withDevToken(wallet(chain, 0), BigInteger.ONE, 60);
        List<Onboarding.Offer> offers = new ArrayList<>();
        for (var spec : Fleet.PROVIDERS) {
            offers.add(new Onboarding.Offer(
                    spec.name(),
                    wallet(chain, offers.size() + 1),
                    "http://" + spec.name(),
                    BigInteger.valueOf((long) Math.ceil(1_000_000 * spec.capacity())),
                    spec.capacity(),
                    spec.slots(),
                    List.of(Fleet.POOL)));
        }
        Onboarding.run(deployment, wallet(chain, 0), offers);
        List<String> owners =
                offers.stream().map(offer -> offer.wallet().address()).toList();
        return new ChainPlace(chain.rpc(), Anvil.DEFAULT_CHAIN_ID, deployment.registry(), owners);
    }

    private static Wallet wallet(Anvil chain, int account) {
        return new Wallet(chain.rpc(), Anvil.DEFAULT_CHAIN_ID, PrivateKey.devAccount(account), Duration.ofSeconds(30));
    }
}
