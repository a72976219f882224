package dev.weir.control.ledger;

import dev.weir.control.ledger.Entry.Origin;
import dev.weir.xds.telemetry.AccessRecord.Key;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Writes records once each. A copy from the stream goes in when nothing is there; one from the file also replaces a copy
 * from the stream. Everything else is a duplicate and changes nothing. The running sums follow in the same transaction.
 */
final class RecordTable {
    /** Request ids asked for at once. */
    private static final int LOOK_UP = 250;

    /** Rows bound at once: while it is bound a row takes several times the record's memory. */
    private static final int ROWS = 128;

    private RecordTable() {}

    /**
     * @param inserted rows new
     * @param replaced rows of the stream replaced by the file's
     * @param duplicates entries that changed nothing
     * @param flagged those of the new ones that are not as their providers say
     */
    record Outcome(int inserted, int replaced, int duplicates, List<Entry> flagged) {}

    static Outcome store(Handle handle, Collection<Entry> entries) {
        Map<Key, Entry> wanted = new LinkedHashMap<>();
        for (Entry entry : entries) {
            wanted.merge(entry.record().identity().key(), entry, (a, b) -> a.origin() == Origin.FILE ? a : b);
        }
        Map<Key, Stored> there = lookUp(handle, wanted.keySet());
        List<Entry> inserts = new ArrayList<>();
        List<Entry> updates = new ArrayList<>();
        TotalTable.Deltas deltas = new TotalTable.Deltas();
        wanted.forEach((key, entry) -> {
            Stored stored = there.get(key);
            if (stored == null) {
                inserts.add(entry);
                deltas.add(TotalTable.Share.of(entry));
            } else if (!stored.fromFile && entry.origin() == Origin.FILE) {
                updates.add(entry);
                deltas.remove(stored.share);
                deltas.add(TotalTable.Share.of(entry));
            }
        });
        write(handle, RecordColumns.INSERT, inserts);
        write(handle, RecordColumns.UPDATE, updates);
        TotalTable.apply(handle, deltas);
        return new Outcome(
                inserts.size(),
                updates.size(),
                entries.size() - inserts.size() - updates.size(),
                inserts.stream()
                        .filter(entry -> entry.value().flag().isPresent())
                        .toList());
    }

    private record Stored(boolean fromFile, TotalTable.Share share) {}

    private static Map<Key, Stored> lookUp(Handle handle, Collection<Key> keys) {
        Set<String> ids = new LinkedHashSet<>();
        keys.forEach(key -> ids.add(key.requestId()));
        Map<Key, Stored> found = new HashMap<>();
        List<String> list = List.copyOf(ids);
        for (int from = 0; from < list.size(); from += LOOK_UP) {
            List<String> some = list.subList(from, Math.min(from + LOOK_UP, list.size()));
            handle.createQuery(
                            "SELECT request_id, number, sidecar, kind, from_file, provider, completed, bounced, total_tokens,"
                                    + " doubt, estimated_prompt_tokens, estimated_completion_tokens"
                                    + " FROM record WHERE request_id IN (<ids>)")
                    .bindList("ids", some)
                    .map((row, context) -> found.put(
                            RecordColumns.key(row), new Stored(row.getBoolean("from_file"), RecordColumns.share(row))))
                    .list();
        }
        return found;
    }

    private static void write(Handle handle, String sql, List<Entry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        try (PreparedBatch batch = handle.prepareBatch(sql)) {
            for (Entry entry : entries) {
                RecordColumns.bind(batch, entry);
                batch.add();
                if (batch.size() == ROWS) {
                    batch.execute();
                }
            }
            if (batch.size() > 0) {
                batch.execute();
            }
        }
    }
}
