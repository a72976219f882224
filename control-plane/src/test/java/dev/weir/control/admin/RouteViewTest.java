package dev.weir.control.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.admin.RouteView.CandidateView;
import dev.weir.control.model.Config;
import dev.weir.control.model.Image;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.testing.Configs;
import dev.weir.control.testing.PoolMaker;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RouteViewTest {
    private static final Config CONFIG = Configs.of("a", "b");

    /** Provider a does a tenth of what it declared, from the first second on. */
    private static Image later(double demand) {
        FluidMesh mesh = new FluidMesh(
                CONFIG, 1_800_000_000_000L, (pool, t) -> demand, (provider, t) -> provider.equals("a") ? 0.1 : 1.0);
        Image image = mesh.step();
        for (int i = 0; i < 80; i++) {
            image = mesh.step();
        }
        return image;
    }

    @Test
    void it_tells_pool_price_candidates_waits_and_reasons_as_they_are_in_force() {
        Image image = later(60);
        RouteView route = RouteView.of(image, "m");

        assertThat(route.pool()).isEqualTo("m");
        assertThat(route.refusal()).isNull();
        var decided = image.decision().orElseThrow().proposal().pool("m").orElseThrow();
        assertThat(route.price()).isEqualTo(decided.price());
        assertThat(route.congestion()).isEqualTo(decided.congestion());
        assertThat(route.candidates().stream().map(CandidateView::provider))
                .as("likeliest first")
                .containsExactly("b", "a");
        assertThat(route.candidates().stream().mapToDouble(CandidateView::share).sum())
                .isEqualTo(1);
        assertThat(route.candidates())
                .allSatisfy(candidate -> assertThat(candidate.waitSeconds()).isNotNegative());
        assertThat(route.explanation())
                .anyMatch(line -> line.startsWith("A request for m goes to pool m. It costs "))
                .anyMatch(line ->
                        line.matches("  b: [0-9.]+ %, would (not wait|wait [0-9.]+ m?s); trusted with 100 of .*"));
        assertThat(RouteView.of(image, "m").json()).contains("\"candidates\":[{\"provider\":\"b\"");
    }

    @Test
    void a_model_that_no_pool_serves_is_refused_and_those_there_are_are_named() {
        RouteView route = RouteView.of(later(10), "other");
        assertThat(route.refusal()).isEqualTo("404 model_not_found");
        assertThat(route.candidates()).isEmpty();
        assertThat(route.explanation())
                .containsExactly("No pool serves the model other: 404 model_not_found.", "There are: m.");
    }

    @Test
    void the_most_exact_name_wins_and_an_alias_is_told_by_its_real_one() {
        Map<String, Pool> pools = Map.of(
                "any", pool("any", new Match.Model(List.of("claude-*"), Map.of())),
                "small", pool("small", new Match.Model(List.of("claude-mini-*", "x"), Map.of("best", "x"))),
                "one", pool("one", new Match.Model("claude-mini-1")),
                "rest", pool("rest", new Match.PathPrefix("/")));
        Config config = new Config(CONFIG.mesh(), CONFIG.providers(), pools);
        assertThat(RouteView.of(config, "claude-mini-1").pool()).isEqualTo("one");
        assertThat(RouteView.of(config, "claude-mini-2").pool()).isEqualTo("small");
        assertThat(RouteView.of(config, "claude-big").pool()).isEqualTo("any");
        RouteView alias = RouteView.of(config, "best");
        assertThat(alias.pool()).isEqualTo("small");
        assertThat(alias.candidates()).allSatisfy(one -> assertThat(one.model()).isEqualTo("x"));
        assertThat(alias.explanation()).contains("  a (as x)");
        assertThat(RouteView.of(config, "other").explanation())
                .contains(
                        "There are: best, claude-*, claude-mini-*, claude-mini-1, x.",
                        "(pools by path or header take requests whatever their model; they are not asked here)");
    }

    private static Pool pool(String name, Match match) {
        return PoolMaker.pool(name, match, "a", "b").make();
    }

    @Test
    void the_configuration_alone_tells_pool_and_candidates() {
        RouteView route = RouteView.of(CONFIG, "m");
        assertThat(route.refusal()).isNull();
        assertThat(route.price()).isNull();
        assertThat(route.candidates().stream().map(CandidateView::provider)).containsExactly("a", "b");
        assertThat(route.explanation())
                .containsExactly(
                        "A request for m goes to pool m.",
                        "The sidecar would draw one of these by its share:",
                        "  a",
                        "  b",
                        "A failure there would be tried again elsewhere, 1 time.");
        assertThat(RouteView.of(CONFIG, "x").refusal()).isEqualTo("404 model_not_found");
    }
}
