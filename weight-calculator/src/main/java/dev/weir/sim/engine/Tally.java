package dev.weir.sim.engine;

import dev.weir.sim.Result.SpanResult;
import dev.weir.sim.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Counts of one run, by span of arrival. */
final class Tally {
    private final List<Entry> entries = new ArrayList<>();

    Tally(List<Span> spans, int providers) {
        for (Span span : spans) {
            entries.add(new Entry(span, providers));
        }
    }

    void finished(double arrived, double now, double service, int tries) {
        for (Entry entry : entries) {
            if (entry.holds(arrived)) {
                entry.response.add(now - arrived);
                entry.wait.add(Math.max(0, now - arrived - service));
                entry.retries += tries - 1;
            }
        }
    }

    void failed(double arrived, int tries) {
        for (Entry entry : entries) {
            if (entry.holds(arrived)) {
                entry.failed++;
                entry.retries += Math.max(0, tries - 1);
            }
        }
    }

    /** A request that never ended counts with its age: leaving it out would flatter whoever starves it. */
    void unfinished(double arrived, double now, int tries) {
        for (Entry entry : entries) {
            if (entry.holds(arrived)) {
                entry.unfinished++;
                entry.response.add(now - arrived);
                entry.wait.add(now - arrived);
                entry.retries += Math.max(0, tries - 1);
            }
        }
    }

    void timedOut(double arrived) {
        for (Entry entry : entries) {
            if (entry.holds(arrived)) {
                entry.timeouts++;
            }
        }
    }

    void taken(double now, int provider) {
        for (Entry entry : entries) {
            if (entry.holds(now)) {
                entry.taken[provider]++;
            }
        }
    }

    void sent(double now, int provider) {
        for (Entry entry : entries) {
            if (entry.holds(now)) {
                entry.attempts[provider]++;
            }
        }
    }

    List<SpanResult> results() {
        return entries.stream().map(Entry::result).toList();
    }

    private static final class Entry {
        private final Span span;
        private final Histogram wait = new Histogram();
        private final Histogram response = new Histogram();
        private final long[] attempts;
        private final long[] taken;
        private long failed;
        private long unfinished;
        private long retries;
        private long timeouts;

        Entry(Span span, int providers) {
            this.span = span;
            this.attempts = new long[providers];
            this.taken = new long[providers];
        }

        boolean holds(double time) {
            return time >= span.from() && time < span.to();
        }

        SpanResult result() {
            return new SpanResult(
                    span.name(),
                    response.total(),
                    failed,
                    unfinished,
                    retries,
                    timeouts,
                    wait.times(),
                    response.times(),
                    Arrays.stream(attempts).boxed().toList(),
                    Arrays.stream(taken).boxed().toList());
        }
    }
}
