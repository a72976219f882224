package dev.weir.control.ledger;

import com.google.errorprone.annotations.ThreadSafe;
import dev.weir.xds.telemetry.AccessRecord;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One row per attempt and per call. The same record from the stream and from the file is stored once.
 */
@ThreadSafe
public interface Ledger extends AutoCloseable {
    /** Takes fresh copies; returns at once, written in batches by the ledger's own thread. */
    void offer(List<AccessRecord> records);

    /** Finds the newest calls, newest first; {@code limit} 1-1000. */
    List<Row> calls(int limit);

    /** Finds one call by request id. */
    Optional<Row> call(String requestId);

    /** Attempts of a call, by number. */
    List<Row> attempts(String requestId);

    Totals totals();

    /** Waits until everything offered so far is written. */
    void flush();

    @Override
    void close();

    /**
     * @param record as logged
     * @param value what it is worth, and by what
     * @param fromFile whether the record of truth has been seen
     */
    record Row(AccessRecord record, Valuation value, boolean fromFile) {
        /** Work units that it counts as. */
        public double work() {
            return value.work();
        }

        /** Price times work, in 1/1000 atomic unit; empty where nothing is owed. */
        public Optional<Long> amountMilli() {
            return value.amountMilli();
        }
    }

    /**
     * @param calls rows
     * @param attempts rows
     * @param totalTokens summed over calls, estimates among them, without those whose counts are in doubt
     * @param callsByProvider completed calls by last provider
     * @param attemptsByProvider attempts by provider, without those that its side refused
     * @param bouncedByProvider attempts that a provider's side refused
     */
    record Totals(
            long calls,
            long attempts,
            long totalTokens,
            Map<String, Long> callsByProvider,
            Map<String, Long> attemptsByProvider,
            Map<String, Long> bouncedByProvider) {
        public Totals {
            callsByProvider = Map.copyOf(callsByProvider);
            attemptsByProvider = Map.copyOf(attemptsByProvider);
            bouncedByProvider = Map.copyOf(bouncedByProvider);
        }
    }
}
