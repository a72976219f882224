package dev.weir.control.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.loop.ControlLoop.Result;
import dev.weir.control.model.Config;
import dev.weir.control.testing.Configs;
import dev.weir.weights.Proposal.Member;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.LoadReport.ClusterLoad;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who wants to be left alone is, for as long as that. Simulated time: a tick is 250 ms. */
final class PausesTest {
    private static final long TICK = 250_000_000L;
    private static final long SECOND = 1_000_000_000L;

    private final Inbox inbox = new Inbox(1000);
    private final Config config = Configs.of("p", "q");
    private final ControlLoop loop = new ControlLoop(inbox, config, 1, Optional.empty(), List.of(), 0, () -> 0);
    private long now;
    private int releases;

    @BeforeEach
    void start() {
        known();
        tick();
    }

    private void known() {
        inbox.offer(new Event.Declared(FileDeclarations.of(config, 1)));
        inbox.offer(new Event.Resolved(
                Map.of(
                        "p.example",
                        List.of("127.0.0.1"),
                        "q.example",
                        List.of("127.0.0.2"),
                        "r.example",
                        List.of("::1")),
                true));
    }

    private Result tick() {
        now += TICK;
        inbox.offer(new Event.Load(new LoadReport(
                "a",
                now,
                List.of(new ClusterLoad("m|p", 1, 10, 0, 0, TICK), new ClusterLoad("m|q", 1, 10, 0, 0, TICK)))));
        Result result = loop.tick(now);
        releases += result.released() ? 1 : 0;
        return result;
    }

    private Map<String, Integer> weights() {
        Result result = tick();
        Map<String, Integer> weights = new HashMap<>();
        for (Member member : result.image()
                .decision()
                .orElseThrow()
                .proposal()
                .pools()
                .get(0)
                .members()) {
            weights.put(member.provider(), member.weight());
        }
        return weights;
    }

    private void paused(String cluster, long forNanos) {
        inbox.offer(new Event.Paused(Set.of(cluster), now + forNanos));
    }

    @Test
    void a_member_that_pauses_gets_probes_only_until_the_pause_is_over() {
        paused("m|p", 10 * SECOND);
        assertThat(weights().get("p")).isLessThan(50_000);
        assertThat(tick().image().proposal().provider("p").orElseThrow().reason())
                .contains("probe traffic only from pool m: its key is over a limit and wants a pause");
        int before = releases;
        for (int i = 0; i < 36; i++) {
            assertThat(weights().get("p")).isLessThan(50_000);
        }
        assertThat(releases - before).as("pushes while nothing changes").isLessThan(5);
        for (int i = 0; i < 4; i++) {
            tick();
        }
        assertThat(weights().get("p")).isGreaterThan(400_000);
    }

    @Test
    void a_pause_can_end_early_and_grow() {
        paused("m|p", 10 * SECOND);
        paused("m|p", 0);
        assertThat(weights().get("p")).isGreaterThan(400_000);
        paused("m|p", SECOND);
        paused("m|p", 20 * SECOND);
        for (int i = 0; i < 8; i++) {
            tick();
        }
        assertThat(weights().get("p")).isLessThan(50_000);
    }

    @Test
    void where_all_pause_nobody_does_and_other_pools_and_strangers_count_nothing() {
        inbox.offer(new Event.Paused(Set.of("m|p", "m|q"), now + 10 * SECOND));
        assertThat(weights().get("p")).isGreaterThan(400_000);
        paused("m|p", 0);
        paused("m|q", 0);
        inbox.offer(new Event.Paused(Set.of("n|p", "m|z", ""), now + 10 * SECOND));
        assertThat(weights().get("p")).isGreaterThan(400_000);
    }

    @Test
    void who_leaves_the_pool_and_comes_back_does_not_pause() {
        paused("m|p", 100 * SECOND);
        tick();
        inbox.offer(new Event.Configured(Configs.of("q", "r")));
        tick();
        inbox.offer(new Event.Configured(config));
        known();
        for (int i = 0; i < 4; i++) {
            tick();
        }
        assertThat(weights().get("p")).isGreaterThan(100_000);
    }
}
