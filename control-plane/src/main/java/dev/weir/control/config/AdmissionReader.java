package dev.weir.control.config;

import dev.weir.control.model.Admission;
import dev.weir.control.model.Admission.OnUnavailable;
import dev.weir.control.model.Admission.Queue;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Reads {@code admission}, {@code onUnavailable} and {@code queue} of a {@code ProviderPool}. */
final class AdmissionReader {
    private static final String QUEUE = "provider, pool, or an object with requests and time";

    private AdmissionReader() {}

    /**
     * @param sticky whether the pool is sticky: its conversations cannot go where the check says
     * @param stream what bounds a call, and so its wait
     */
    static Admission read(Fields spec, boolean sticky, Duration stream) {
        boolean governed = word(spec, "admission", "mesh or governed", Map.of("mesh", false, "governed", true))
                .orElse(false);
        OnUnavailable onUnavailable = word(
                        spec,
                        "onUnavailable",
                        "open or closed",
                        Map.of("open", OnUnavailable.OPEN, "closed", OnUnavailable.CLOSED))
                .orElse(OnUnavailable.OPEN);
        Queue queue = queue(spec, stream);
        if (!governed) {
            for (String field : new String[] {"onUnavailable", "queue"}) {
                if (spec.has(field)) {
                    spec.refuse(field, Optional.empty(), "nothing, unless admission is governed");
                }
            }
            return Admission.MESH;
        }
        if (sticky) {
            spec.refuse("admission", Optional.of("governed"), "mesh in a sticky pool: its turn decides the provider");
        }
        return Admission.governed(onUnavailable, queue);
    }

    private static Queue queue(Fields spec, Duration stream) {
        if (!spec.isObject("queue")) {
            Queue found = word(
                            spec,
                            "queue",
                            QUEUE,
                            Map.<String, Queue>of("provider", new Queue.Provider(), "pool", Queue.Pool.DEFAULT))
                    .orElseGet(Queue.Auto::new);
            return found instanceof Queue.Pool ? Queue.Pool.within(stream) : found;
        }
        return spec.object("queue")
                .<Queue>map(bounds -> {
                    long requests = bounds.integer("requests", 1, 100_000).orElse((long) Queue.Pool.DEFAULT.requests());
                    Duration time = bounds.duration("time", Duration.ofMillis(10), Duration.ofMinutes(5))
                            .orElse(Queue.Pool.within(stream).time());
                    if (time.compareTo(stream) >= 0) {
                        bounds.refuse(
                                "time",
                                Optional.of(DurationText.write(time)),
                                "less than maxStreamDuration, " + DurationText.write(stream));
                    }
                    bounds.end();
                    return new Queue.Pool((int) requests, time);
                })
                .orElseGet(Queue.Auto::new);
    }

    private static <T> Optional<T> word(Fields spec, String field, String expected, Map<String, T> words) {
        return spec.text(field, expected, text -> Optional.ofNullable(words.get(text)));
    }
}
