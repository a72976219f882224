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
import java.util.Objects;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Writes records once each. A copy from the stream goes in when nothing is there; one from the file also replaces a copy
 * from the stream. Everything else is a duplicate and changes nothing. The running sums follow in the same transaction, by
 * what the database says that it changed: another writer may store the same records at the same time.
 */
final class RecordTable {
    /** Request ids asked for at once. */
    private static final int LOOK_UP = 250;

    /** Rows bound at once: while it is bound a row takes several times the record's memory. */
    private static final int ROWS = 128;

    private static final String INSERT = RecordColumns.INSERT + " ON CONFLICT (request_id, number, sidecar) DO NOTHING";
    private static final String UPDATE = RecordColumns.UPDATE + " AND NOT from_file";

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
        Map<Key, Entry> absent = new LinkedHashMap<>(wanted);
        absent.keySet().removeAll(there.keySet());
        List<Entry> inserted = write(handle, INSERT, absent.values());
        if (inserted.size() < absent.size()) {
            // another writer was faster: what its rows come to must be known before they are replaced
            inserted.forEach(entry -> absent.remove(entry.record().identity().key()));
            there.putAll(lookUp(handle, absent.keySet()));
        }
        List<Entry> replaced = write(
                handle,
                UPDATE,
                wanted.values().stream()
                        .filter(entry -> entry.origin() == Origin.FILE)
                        .filter(entry -> {
                            Stored stored = there.get(entry.record().identity().key());
                            return stored != null && !stored.fromFile;
                        })
                        .toList());
        TotalTable.Deltas deltas = new TotalTable.Deltas();
        inserted.forEach(entry -> deltas.add(TotalTable.Share.of(entry)));
        for (Entry entry : replaced) {
            deltas.remove(
                    Objects.requireNonNull(there.get(entry.record().identity().key())).share);
            deltas.add(TotalTable.Share.of(entry));
        }
        TotalTable.apply(handle, deltas);
        return new Outcome(
                inserted.size(),
                replaced.size(),
                entries.size() - inserted.size() - replaced.size(),
                inserted.stream()
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
            handle.createQuery(RecordColumns.LOOK_UP)
                    .bindList("ids", some)
                    .map((row, context) -> found.put(
                            RecordColumns.key(row), new Stored(RecordColumns.fromFile(row), RecordColumns.share(row))))
                    .list();
        }
        return found;
    }

    /** Those of the entries that changed a row. */
    private static List<Entry> write(Handle handle, String sql, Collection<Entry> entries) {
        List<Entry> all = List.copyOf(entries);
        List<Entry> written = new ArrayList<>(all.size());
        try (PreparedBatch batch = handle.prepareBatch(sql)) {
            for (int from = 0; from < all.size(); from += ROWS) {
                List<Entry> some = all.subList(from, Math.min(from + ROWS, all.size()));
                for (Entry entry : some) {
                    RecordColumns.bind(batch, entry);
                    batch.add();
                }
                int[] rows = batch.execute();
                for (int i = 0; i < rows.length; i++) {
                    if (rows[i] > 0) {
                        written.add(some.get(i));
                    }
                }
            }
        }
        return written;
    }
}
