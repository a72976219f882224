package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.Sidecar.Reply;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Pool.Member;
import dev.weir.control.testing.PoolMaker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** How Envoy draws the provider: smoothly, by chance, or by conversation. */
@TestInstance(Lifecycle.PER_CLASS)
final class PicksIT {
    private static final List<String> NAMES = List.of("a", "b", "c");
    private static final double[] SHARES = {0.5, 0.3, 0.2};
    private static final int PICKS = Boolean.getBoolean("weir.full") ? 10_000 : 3_000;
    private static final int CONVERSATIONS = 400;

    private final List<FakeProvider> providers = List.of(new FakeProvider(), new FakeProvider(), new FakeProvider());
    private final TestMesh mesh = new TestMesh();

    private Config config(Policy policy, Pool... pools) {
        return Meshes.config(
                policy,
                IntStream.range(0, NAMES.size())
                        .mapToObj(i ->
                                Meshes.provider(NAMES.get(i), providers.get(i).port()))
                        .toList(),
                pools);
    }

    private static Pool threes(String name) {
        return Meshes.pool(name, new Match.Model(name), "a", "b", "c");
    }

    @AfterEach
    void nothingWasRefused() {
        assertThat(mesh.refusals()).isEmpty();
    }

    @AfterAll
    void stop() {
        mesh.close();
        providers.forEach(FakeProvider::close);
    }

    @Test
    void smooth_picks_never_leave_their_share_by_more_than_a_few_requests(@TempDir Path directory) {
        Pool pool = threes("m");
        Pool other = threes("other");
        try (Sidecar sidecar = Sidecar.start(directory, "smooth", mesh.port())) {
            mesh.apply(
                    config(Policy.WATER_FILLING, pool, other),
                    Meshes.decision(
                            1,
                            Meshes.decided(pool, 500_000, 300_000, 200_000),
                            Meshes.decided(other, 500_000, 300_000, 200_000)),
                    sidecar);
            List<String> picks = new ArrayList<>();
            for (int i = 0; i < PICKS; i++) {
                picks.add(provider(sidecar.chat("m")));
                if (i % 7 == 0) {
                    sidecar.chat("other"); // has a counter of its own
                }
            }
            double smooth = deviation(picks);
            // three distances suffice for the golden ratio; a coin's typical deviation here is 20 to 60
            assertThat(smooth).isLessThan(4);
        }
    }

    @Test
    void with_fixed_weights_Envoy_draws_by_chance(@TempDir Path directory) {
        Pool pool = threes("m");
        try (Sidecar sidecar = Sidecar.start(directory, "wrr", mesh.port())) {
            mesh.apply(
                    config(Policy.WRR, pool),
                    Meshes.decision(2, Meshes.decided(pool, 500_000, 300_000, 200_000)),
                    sidecar);
            List<String> picks = IntStream.range(0, 3_000)
                    .mapToObj(i -> provider(sidecar.chat("m")))
                    .toList();
            double random = deviation(picks);
            // a coin stays below 4 in one of 10^6 runs, and above 200 (7 sigma) as rarely
            assertThat(random).isBetween(4.0, 200.0);
        }
    }

    @Test
    void conversations_stay_and_a_change_moves_the_fewest(@TempDir Path directory) {
        Pool pool = PoolMaker.like(threes("m")).sticky("x-conversation").make();
        Config config = config(Policy.WATER_FILLING, pool);
        try (Sidecar sidecar = Sidecar.start(directory, "sticky", mesh.port())) {
            mesh.apply(config, Meshes.decision(3, Meshes.decided(pool, 500_000, 300_000, 200_000)), sidecar);
            Map<String, String> before = conversations(sidecar);
            assertThat(conversations(sidecar)).isEqualTo(before);
            for (int i = 0; i < NAMES.size(); i++) {
                String name = NAMES.get(i);
                long mine = before.values().stream().filter(name::equals).count();
                assertThat(mine / (double) CONVERSATIONS).as(name).isBetween(SHARES[i] - 0.06, SHARES[i] + 0.06);
            }

            mesh.apply(config, Meshes.decision(4, Meshes.decided(pool, 400_000, 300_000, 300_000)), sidecar);
            Map<String, String> after = conversations(sidecar);
            long moved = before.entrySet().stream()
                    .filter(each -> !each.getValue().equals(after.get(each.getKey())))
                    .count();
            // a tenth has to; towards a, which lost most, and away from c, which won most, goes nobody
            assertThat(moved / (double) CONVERSATIONS).isBetween(0.06, 0.2);
            before.forEach((key, provider) -> {
                if (!provider.equals(after.get(key))) {
                    assertThat(provider).isNotEqualTo("c");
                    assertThat(after.get(key)).isNotEqualTo("a");
                }
            });
            mesh.apply(config, Meshes.decision(5, Meshes.decided(pool, 500_000, 300_000, 200_000)), sidecar);
            assertThat(conversations(sidecar)).isEqualTo(before);

            // those without a conversation are drawn smoothly
            List<String> picks = IntStream.range(0, 500)
                    .mapToObj(i -> provider(sidecar.chat("m")))
                    .toList();
            assertThat(picks).contains("a", "b", "c");
        }
    }

    @Test
    void a_conversations_retry_goes_to_the_same_place_each_time(@TempDir Path directory) {
        Pool pool = PoolMaker.like(threes("m")).sticky("x-conversation").make();
        Config config = config(Policy.WATER_FILLING, pool);
        try (Sidecar sidecar = Sidecar.start(directory, "sticky-retry", mesh.port())) {
            mesh.apply(config, Meshes.decision(6, Meshes.decided(pool, 500_000, 250_000, 250_000)), sidecar);
            Map<String, String> healthy = conversations(sidecar);
            providers.get(0).answers(FakeProvider.status(503));
            Map<String, String> once = conversations(sidecar);
            assertThat(once.values()).contains("b", "c").doesNotContain("a");
            assertThat(conversations(sidecar)).isEqualTo(once);
            healthy.forEach((key, provider) -> {
                if (!provider.equals("a")) {
                    assertThat(once).containsEntry(key, provider);
                }
            });
            // those that were at a go both ways
            assertThat(once.entrySet().stream()
                            .filter(each -> "a".equals(healthy.get(each.getKey())))
                            .map(Map.Entry::getValue)
                            .distinct())
                    .containsExactlyInAnyOrder("b", "c");
        } finally {
            providers.get(0).answers(FakeProvider::complete);
        }
    }

    @Test
    void a_standby_gets_retries_only(@TempDir Path directory) {
        Pool pool = PoolMaker.like(threes("m"))
                .members(List.of(new Member("a", Optional.empty(), false), new Member("b", Optional.empty(), true)))
                .make();
        try (Sidecar sidecar = Sidecar.start(directory, "standby", mesh.port())) {
            mesh.apply(
                    config(Policy.WATER_FILLING, pool),
                    Meshes.decision(7, Meshes.decided(pool, 1_000_000, 0)),
                    sidecar);
            for (int i = 0; i < 100; i++) {
                assertThat(provider(sidecar.chat("m"))).isEqualTo("a");
            }
            providers.get(0).answers(FakeProvider.status(503));
            for (int i = 0; i < 100; i++) {
                assertThat(provider(sidecar.chat("m"))).isEqualTo("b");
            }
        } finally {
            providers.get(0).answers(FakeProvider::complete);
        }
    }

    /** Provider per conversation. */
    private static Map<String, String> conversations(Sidecar sidecar) {
        Map<String, String> providers = new HashMap<>();
        for (int i = 0; i < CONVERSATIONS; i++) {
            String key = "conversation-" + i;
            providers.put(key, provider(sidecar.chat("m", "x-conversation", key)));
        }
        return providers;
    }

    private static String provider(Reply reply) {
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        return reply.header("weir-provider").orElseThrow();
    }

    /** Largest distance of any cumulative count from its share, in requests. */
    private static double deviation(List<String> picks) {
        int[] counts = new int[NAMES.size()];
        double largest = 0;
        for (int n = 1; n <= picks.size(); n++) {
            counts[NAMES.indexOf(picks.get(n - 1))]++;
            for (int i = 0; i < counts.length; i++) {
                largest = Math.max(largest, Math.abs(counts[i] - SHARES[i] * n));
            }
        }
        return largest;
    }
}
