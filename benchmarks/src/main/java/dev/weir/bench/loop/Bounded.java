package dev.weir.bench.loop;

import dev.weir.bench.Figure;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Scenarios in which fixed weights drown: ours must stay bounded, and short where those are long. */
final class Bounded implements Experiment {
    private static final List<Policy> POLICIES =
            List.of(Policy.JSQ, Policy.GOVERNED, Policy.BOUNCE, Policy.SMOOTH, Policy.WRR);

    private final String title;
    private final Staging staging;

    private Bounded(String title, Staging staging) {
        this.title = title;
        this.staging = staging;
    }

    /** The largest provider works at 30 % for 15 s: at load .6, .85 of what is left. */
    static Bounded slow(Settings settings) {
        return steady(
                "the largest provider (42 % of capacity) works at 30 % for 15 s",
                settings,
                0.6,
                Plant.five(settings.sidecars()),
                List.of(1.0),
                List.of(Event.speed(15, Plant.LARGEST, 0.3), Event.speed(30, Plant.LARGEST, 1)));
    }

    static Bounded step(Settings settings) {
        Plant plant = Plant.five(settings.sidecars());
        double load = settings.loadOr(0.9);
        Demand demand = new Demand(
                List.of(
                        new Demand.Phase(0, 0.5 * plant.capacity()),
                        new Demand.Phase(settings.seconds() / 2.0, load * plant.capacity())),
                Sizes.EXPONENTIAL,
                List.of(1.0));
        return new Bounded(
                "offered load steps from .5 to " + load + " at half time",
                new Staging(settings, POLICIES, load, plant, demand, List.of()));
    }

    static Bounded wrongCapacity(Settings settings) {
        Map<String, Double> factors = Map.of("p20", 1.5, "p40", 0.6, "p80", 1.5, "p100", 0.6, "p175", 1.5);
        return steady(
                "capacities declared wrong: +50 % of the first, third and largest, -40 % of the others",
                settings,
                0.9,
                Plant.five(settings.sidecars())
                        .withServers(server -> server.declaring(factors.getOrDefault(server.name(), 1.0))),
                List.of(1.0),
                List.of());
    }

    static Bounded twoPools(Settings settings) {
        Plant five = Plant.five(settings.sidecars());
        Plant plant = five.withPools(Stream.concat(
                        five.pools().stream(), Stream.of(new Plant.Pool("large", List.of("p100", "p175"))))
                .toList());
        return steady(
                "two pools: 46 % of calls may go to all five providers, 54 % to the two largest only",
                settings, 0.9, plant, List.of(0.46, 0.54), List.of());
    }

    private static Bounded steady(
            String title,
            Settings settings,
            double usualLoad,
            Plant plant,
            List<Double> poolShares,
            List<Event> events) {
        double load = settings.loadOr(usualLoad);
        Demand demand =
                new Demand(List.of(new Demand.Phase(0, load * plant.capacity())), Sizes.EXPONENTIAL, poolShares);
        return new Bounded(title, new Staging(settings, POLICIES, load, plant, demand, events));
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public List<Trial> trials() {
        return staging.trials();
    }

    @Override
    public Map<String, Double> more(Run run) {
        return Map.of(Staging.AT_THE_END, staging.backlogAtTheEnd(run));
    }

    @Override
    public List<Figure> figures(List<Reading> readings) {
        return staging.bounded(Table.of(readings));
    }
}
