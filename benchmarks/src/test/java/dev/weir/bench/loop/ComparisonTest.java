package dev.weir.bench.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.bench.Figure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final Settings SETTINGS = new Settings(List.of(), List.of(), 1, 40, 3);

    @Test
    void ratiosAreTakenSeedBySeed() {
        List<Reading> readings = new ArrayList<>();
        // the second seed is hard for everybody
        add(readings, Policy.JSQ, "jsq", 100, 400, 100);
        add(readings, Policy.GOVERNED, "governed", 104, 420, 102);

        Table.Line governed = Table.of(readings).line("governed", 0.95);
        assertThat(governed.meanOverJsq()).isCloseTo(4, within(1e-9)); // of +4, +5 and +2 %
        assertThat(governed.median(Row::meanResponse)).isEqualTo(104);
    }

    @Test
    void noiseWidensAPromiseAndAMissIsNamed() {
        List<Reading> readings = new ArrayList<>();
        add(readings, Policy.JSQ, "jsq", 100, 100, 100);
        add(readings, Policy.JSQ, Comparison.JSQ_AGAIN, 103, 98, 103);
        add(readings, Policy.GOVERNED, "governed", 107, 107, 107);
        add(readings, Policy.BOUNCE, "bounce", 130, 130, 130);

        List<Figure> figures = Comparison.brief(SETTINGS).figures(readings);

        Figure governed = named(figures, "mean response of governed");
        assertThat(governed.value()).isCloseTo(7, within(1e-9));
        assertThat(governed.most()).isCloseTo(5 + 3, within(1e-9));
        assertThat(governed.met()).isTrue();
        assertThat(named(figures, "mean response of bounce").met()).isFalse();
        assertThat(figures).noneMatch(figure -> figure.what().contains("smooth"));
    }

    @Test
    void eachRoundHasJsqAtItsBeginningAndItsEnd() {
        List<Trial> trials = Comparison.brief(SETTINGS).trials();

        assertThat(trials.stream().limit(6).map(Trial::name))
                .containsExactly("jsq", "governed", "bounce", "smooth", "wrr", "jsq again");
        assertThat(trials).hasSize(18);
        assertThat(trials.stream().map(Trial::seed).distinct()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void theStallCountsWhatWasSentIntoIt() {
        Stall stall = new Stall(SETTINGS);
        Reading few = reading(Policy.GOVERNED, "governed", 0.5, 1, 50, Map.of("sent into it", 40.0));
        Reading many = reading(Policy.BOUNCE, "bounce", 0.5, 1, 50, Map.of("sent into it", 26.0));

        assertThat(named(stall.figures(List.of(few, many)), "attempts of governed")
                        .met())
                .isTrue();
        assertThat(named(stall.figures(List.of(few, many)), "attempts of bounce")
                        .met())
                .isFalse();
    }

    @Test
    void aStarvedGovernedPoolIsMeasuredByItsOwnSplit() {
        Starved starved = new Starved(new Settings(List.of(), List.of(0.95), 1, 40, 3));
        assertThat(starved.trials().stream().limit(4).map(Trial::name))
                .containsExactly("jsq", "smooth", "governed", "smooth again");
        List<Reading> readings = new ArrayList<>();
        add(readings, Policy.SMOOTH, "smooth", 100, 100, 100);
        add(readings, Policy.SMOOTH, Starved.SMOOTH_AGAIN, 97, 97, 97);
        add(readings, Policy.GOVERNED, "governed", 107, 107, 107);
        assertThat(named(starved.figures(readings), "mean response of governed").met())
                .isTrue();
        add(readings, Policy.GOVERNED, "governed", 120, 120, 120);
        Figure missed = named(starved.figures(readings), "mean response of governed");
        assertThat(missed.met()).isFalse();
        assertThat(missed.most()).isCloseTo(5 + 3, within(1e-9));
    }

    private static Figure named(List<Figure> figures, String start) {
        return figures.stream()
                .filter(figure -> figure.what().startsWith(start))
                .findFirst()
                .orElseThrow();
    }

    private static void add(List<Reading> readings, Policy policy, String name, double... meanResponses) {
        for (int i = 0; i < meanResponses.length; i++) {
            readings.add(reading(policy, name, 0.95, i + 1, meanResponses[i], Map.of()));
        }
    }

    private static Reading reading(
            Policy policy, String name, double load, long seed, double response, Map<String, Double> more) {
        Row row = new Row(name, load, seed, 100, response, response, response, response, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        return new Reading(policy, row, List.of(), more);
    }
}
