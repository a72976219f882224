package dev.weir.control.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.loop.ControlLoop.Result;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Mesh;
import dev.weir.control.testing.Configs;
import dev.weir.weights.Proposal.Announcement;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.LoadReport.ClusterLoad;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A price goes out when it is stored and not before, whatever happens between. Simulated time: a tick is 250 ms. */
final class AnnouncedPricesTest {
    private static final long TICK = 250_000_000L;
    private static final int SIX_SECONDS = 24;

    private final Inbox inbox = new Inbox(1000);
    private long now;
    private Optional<Announcement> announced = Optional.empty();

    private ControlLoop loop(long term, Optional<Decision> restored, List<Announcement> stored) {
        var config = Configs.of("p", "q");
        ControlLoop loop = new ControlLoop(inbox, config, term, restored, stored, now, () -> now / 1_000_000);
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
        return loop;
    }

    /** One tick of far more demand than there is room for. */
    private Result tick(ControlLoop loop) {
        now += TICK;
        inbox.offer(new Event.Checks(Map.of("m", 200L)));
        inbox.offer(new Event.Load(new LoadReport(
                "a",
                now,
                List.of(new ClusterLoad("m|p", 9, 100, 0, 0, TICK), new ClusterLoad("m|q", 9, 100, 0, 0, TICK)))));
        Result result = loop.tick(now);
        announced = result.image().proposal().announced().stream().findFirst();
        return result;
    }

    private Result ticks(ControlLoop loop, int count) {
        Result result = tick(loop);
        for (int i = 1; i < count; i++) {
            result = tick(loop);
        }
        return result;
    }

    private static PoolProposal inForce(Result result) {
        return result.image().decision().orElseThrow().proposal().pools().get(0);
    }

    private void stored() {
        inbox.offer(new Event.PriceStored(announced.orElseThrow()));
    }

    @Test
    void a_price_that_is_not_stored_does_not_go_out_and_its_number_means_one_price() {
        ControlLoop loop = loop(1, Optional.empty(), List.of());
        assertThat(inForce(ticks(loop, SIX_SECONDS)).priceNumber()).isEqualTo(1);
        Announcement first = announced.orElseThrow();
        assertThat(first.number()).isEqualTo(2);
        assertThat(first.price()).isGreaterThan(100);
        Set<Announcement> all = new HashSet<>();
        for (int i = 0; i < 10 * SIX_SECONDS; i++) {
            assertThat(inForce(tick(loop)).price())
                    .as("a disk that takes nothing")
                    .isEqualTo(100);
            all.add(announced.orElseThrow());
        }
        assertThat(all).containsExactly(first);
        stored();
        Result result = tick(loop);
        assertThat(result.released()).isTrue();
        assertThat(inForce(result).price()).isEqualTo(first.price());
        assertThat(inForce(result).priceNumber()).isEqualTo(2);
        assertThat(announced).isEmpty();
        assertThat(inForce(ticks(loop, SIX_SECONDS)).priceNumber()).isEqualTo(2);
        assertThat(announced.orElseThrow().number()).isEqualTo(3);
        inbox.offer(new Event.PriceStored(first)); // late news
        assertThat(inForce(ticks(loop, 2)).priceNumber()).isEqualTo(2);
    }

    @Test
    void a_restart_goes_on_with_what_was_announced_as_sidecars_may_have_it() {
        ControlLoop first = loop(1, Optional.empty(), List.of());
        Decision lastStored = ticks(first, SIX_SECONDS).image().decision().orElseThrow();
        Announcement next = announced.orElseThrow();
        stored();
        assertThat(inForce(tick(first)).priceNumber()).isEqualTo(2); // and is killed before that is stored

        ControlLoop second = loop(2, Optional.of(lastStored), List.of(next));
        Result result = tick(second);
        for (int i = 0; i < 2 * SIX_SECONDS && !result.released(); i++) {
            result = tick(second);
        }
        assertThat(inForce(result).priceNumber()).isEqualTo(2);
        assertThat(inForce(result).price()).isEqualTo(next.price());
    }

    @Test
    void an_announcement_that_went_out_and_was_stored_so_is_not_announced_again() {
        ControlLoop first = loop(1, Optional.empty(), List.of());
        ticks(first, SIX_SECONDS);
        Announcement next = announced.orElseThrow();
        stored();
        Decision lastStored = tick(first).image().decision().orElseThrow();

        ControlLoop second = loop(2, Optional.of(lastStored), List.of(next));
        assertThat(tick(second).image().proposal().announced()).isEmpty();
    }

    @Test
    void a_member_that_comes_between_is_stored_too_before_the_price_goes_out() {
        ControlLoop loop = loop(1, Optional.empty(), List.of());
        ticks(loop, SIX_SECONDS);
        Announcement without = announced.orElseThrow();
        inbox.offer(new Event.Configured(Configs.of("p", "q", "r")));
        stored();
        assertThat(inForce(tick(loop)).priceNumber()).as("stored without it").isEqualTo(1);
        Announcement with = announced.orElseThrow();
        assertThat(with.number()).isEqualTo(without.number());
        assertThat(with.byProvider()).containsOnlyKeys("p", "q", "r").containsEntry("r", with.price());
        stored();
        assertThat(inForce(tick(loop)).priceNumber()).isEqualTo(2);
    }

    @Test
    void other_settings_do_not_announce_another_price_by_the_same_number() {
        ControlLoop loop = loop(1, Optional.empty(), List.of());
        ticks(loop, SIX_SECONDS);
        Announcement before = announced.orElseThrow();
        inbox.offer(new Event.Configured(Configs.of(Mesh.Policy.WRR, "p", "q")));
        tick(loop);
        assertThat(announced).contains(before);
    }
}
