package dev.weir.bench.loop;

import java.util.List;

/**
 * One run of one policy, as planned.
 *
 * @param name of what it stands for beside others, for instance {@code jsq again}
 * @param load offered over true capacity, for the reader
 * @param events in order of time
 * @param seconds in which jobs arrive
 * @param seed of arrivals, sizes and pools
 */
record Trial(
        String name,
        Policy policy,
        double load,
        Plant plant,
        Demand demand,
        List<Event> events,
        double seconds,
        long seed) {
    Trial {
        events = List.copyOf(events);
    }
}
