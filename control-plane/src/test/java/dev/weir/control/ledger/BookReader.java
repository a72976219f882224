package dev.weir.control.ledger;

import dev.weir.control.history.HistoryChecker.Books;
import dev.weir.control.model.Epoch;
import dev.weir.control.store.Database;
import java.util.Set;

/** All that a database holds, for the checker. */
public final class BookReader {
    private BookReader() {}

    public static Books read(Database database) {
        return database.read(handle -> new Books(
                handle.createQuery("SELECT * FROM record")
                        .map((row, context) -> RecordColumns.row(row))
                        .list(),
                Set.copyOf(handle.createQuery("SELECT term, sequence FROM decision")
                        .map((row, context) -> new Epoch(row.getLong(1), row.getLong(2)))
                        .list())));
    }
}
