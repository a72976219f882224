package dev.weir.control.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.Meshes;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Pool.Member;
import dev.weir.control.testing.Configs;
import dev.weir.control.testing.PoolMaker;
import dev.weir.weights.quota.QuotaUnit;
import dev.weir.weights.quota.RefusalKind;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.testing.RecordMaker;
import dev.weir.xds.wire.LimitHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class QuotaBookTest {
    private static final long SECOND = 1_000_000_000L;

    private final List<String> heard = new ArrayList<>();
    private Config config = Configs.of("a", "b");
    private long now;
    private final List<String> pauses = new ArrayList<>();
    private final QuotaListener listener = new QuotaListener() {
        @Override
        public void refused(String provider, RefusalKind kind) {
            heard.add(provider + " " + kind);
        }

        @Override
        public void ignored(String provider, int values) {
            heard.add(provider + " " + values);
        }
    };
    private final QuotaBook book = new QuotaBook(
            () -> config,
            () -> now,
            listener,
            (clusters, until) -> pauses.add(new TreeSet<>(clusters) + " " + (until - now) / 1e9));

    private RecordMaker attempt(String provider, int status, Map<LimitHeader, String> limits) {
        String pool = config.pools().keySet().iterator().next();
        return RecordMaker.attempt("r", 1)
                .pool(pool)
                .provider(provider)
                .status(status)
                .limits(limits);
    }

    private void hear(RecordMaker... records) {
        List<AccessRecord> made = new ArrayList<>();
        for (RecordMaker record : records) {
            made.add(record.make());
        }
        book.records(made);
    }

    @Test
    void limits_and_what_is_left_are_learnt_per_provider() {
        now = 10 * SECOND;
        hear(
                attempt("a", 200, Map.of(LimitHeader.LIMIT_REQUESTS, "500", LimitHeader.REMAINING_REQUESTS, "499")),
                attempt("b", 200, Map.of()));
        now = 12 * SECOND;
        List<QuotaState> states = book.read();
        assertThat(states).extracting(QuotaState::provider).containsExactly("a", "b");
        assertThat(states.get(0).units())
                .containsExactly(new QuotaState.Unit(QuotaUnit.REQUESTS, 500, true, 60, 499, 2, 8));
        assertThat(states.get(1).units().get(0).limit()).isInfinite();
        assertThat(heard).isEmpty();
    }

    @Test
    void a_refusal_counts_by_its_kind_and_pauses() {
        now = 10 * SECOND;
        hear(
                attempt("a", 429, Map.of(LimitHeader.RETRY_AFTER, "17", LimitHeader.LIMIT_TOKENS, "-5")),
                attempt("b", 429, Map.of(LimitHeader.REFUSAL, "insufficient_quota/insufficient_quota")),
                attempt("b", 429, Map.of(LimitHeader.REFUSAL, "tokens/request_too_large")));
        assertThat(heard).containsExactly("a RATE", "a 1", "b QUOTA", "b REQUEST");
        assertThat(book.read()).extracting(QuotaState::pauseSeconds).containsExactly(17.0, 60.0);
        assertThat(book.read().get(1).refusals()).isEqualTo(Map.of(RefusalKind.QUOTA, 1L, RefusalKind.REQUEST, 1L));
    }

    @Test
    void
            a_pause_is_told_to_all_that_spend_from_the_credential_when_it_moves_and_when_a_later_call_shows_that_it_is_over() {
        Pool one = Meshes.pool("one", new Match.Model("big"), "a", "b");
        Pool same = PoolMaker.pool("same", new Match.Model("nick"))
                .members(List.of(new Member("a", Optional.of("big"), false)))
                .make();
        Pool other = Meshes.pool("other", new Match.Model("small"), "a");
        config = Meshes.config(
                Policy.WATER_FILLING, List.of(Meshes.provider("a", 80), Meshes.provider("b", 81)), one, same, other);
        now = 100 * SECOND;
        Map<LimitHeader, String> wait = Map.of(LimitHeader.RETRY_AFTER, "17");
        hear(attempt("a", 429, wait).pool("one"));
        assertThat(pauses).containsExactly("[one|a, same|a] 17.0");
        hear(attempt("a", 429, wait).pool("same"));
        assertThat(pauses).as("no news").hasSize(1);
        now = 105 * SECOND;
        hear(attempt("a", 200, Map.of()).pool("one").lasting(6_000_000, 5_000_000));
        assertThat(pauses).as("it began before the refusal").hasSize(1);
        hear(attempt("a", 429, wait).pool("one"));
        assertThat(pauses).hasSize(2).last().isEqualTo("[one|a, same|a] 17.0");
        now = 110 * SECOND;
        hear(attempt("a", 200, Map.of()).pool("same").lasting(1_000_000, 900_000));
        assertThat(pauses).hasSize(3).last().isEqualTo("[one|a, same|a] 0.0");
        hear(attempt("a", 200, Map.of()).pool("same").lasting(1_000_000, 900_000));
        assertThat(pauses).hasSize(3);
    }

    @Test
    void moments_requests_of_their_own_and_overload_are_no_pause() {
        now = 100 * SECOND;
        hear(
                attempt("a", 429, Map.of(LimitHeader.RETRY_AFTER, "1")),
                attempt("a", 429, Map.of(LimitHeader.REFUSAL, "tokens/request_too_large")),
                attempt("b", 503, Map.of(LimitHeader.RETRY_AFTER, "30")),
                attempt("b", 429, Map.of(LimitHeader.REFUSAL, "overloaded_error")));
        assertThat(pauses).isEmpty();
    }

    @Test
    void a_minutes_requests_are_known_when_the_first_refusal_comes() {
        for (int i = 0; i < 120; i++) {
            now += SECOND / 2;
            hear(attempt("a", 200, Map.of()));
        }
        hear(attempt("a", 429, Map.of(LimitHeader.RETRY_AFTER, "1")));
        QuotaState.Unit requests = book.read().get(0).units().get(0);
        assertThat(requests.told()).isFalse();
        assertThat(requests.limit()).isBetween(58.0, 61.0);
    }

    @Test
    void what_sides_refused_what_calls_say_and_what_nobody_configured_counts_nothing() {
        Map<LimitHeader, String> limits = Map.of(LimitHeader.RETRY_AFTER, "17");
        hear(
                attempt("a", 429, limits).bounced(true),
                attempt("nobody", 429, limits),
                attempt("a", 429, limits).pool("none"),
                RecordMaker.like(attempt("a", 429, limits).make()).sidecar("s").pool(""));
        AccessRecord call = RecordMaker.call("r")
                .pool(config.pools().keySet().iterator().next())
                .provider("a")
                .status(429)
                .make();
        book.records(List.of(call));
        assertThat(book.read()).isEmpty();
        assertThat(heard).isEmpty();
    }

    @Test
    void quotas_of_models_are_apart_where_a_pool_has_one_and_named_as_their_provider_does() {
        Match one = new Match.Model(List.of("big"), Map.of("large", "big"));
        Match several = new Match.Model(List.of("big", "small"), Map.of());
        Match beginning = new Match.Model(List.of("big-*"), Map.of());
        assertThat(model(one, new Member("a", Optional.empty(), false))).isEqualTo("big");
        assertThat(model(one, new Member("a", Optional.of("big-2026"), false))).isEqualTo("big-2026");
        assertThat(model(one, new Member("a", Optional.empty(), Map.of("big", "huge"), false)))
                .isEqualTo("huge");
        assertThat(model(several, new Member("a", Optional.empty(), false))).isEmpty();
        assertThat(model(beginning, new Member("a", Optional.empty(), false))).isEmpty();
        assertThat(model(new Match.PathPrefix("/v1"), new Member("a", Optional.empty(), false)))
                .isEmpty();
    }

    private String model(Match match, Member member) {
        Pool pool = PoolMaker.pool("p", match).members(List.of(member)).make();
        config = Meshes.config(Policy.WATER_FILLING, List.of(Meshes.provider("a", 80)), pool);
        hear(attempt("a", 200, Map.of()));
        return book.read().get(0).model();
    }

    @Test
    void a_provider_that_is_taken_out_is_forgotten() {
        hear(attempt("b", 200, Map.of(LimitHeader.LIMIT_REQUESTS, "500")));
        assertThat(book.read()).hasSize(1);
        config = Configs.of("a");
        assertThat(book.read()).isEmpty();
        config = Configs.of("a", "b");
        assertThat(book.read()).as("and comes back as a new one").isEmpty();
    }
}
