package dev.weir.control.store;

import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decisions and terms in the database. */
public final class SqlDecisionStore implements DecisionStore {
    private static final Logger log = LoggerFactory.getLogger(SqlDecisionStore.class);
    /** How far {@link #last} looks back for a row that it can read. */
    private static final int LOOK_BACK = 100;
    /**
     * The highest of the terms that were given out and of those that decisions were made in: a term from memory is in the
     * latter only.
     */
    private static final String HIGHEST_TERM = "(SELECT COALESCE(MAX(value), 0) FROM (SELECT value FROM counter"
            + " WHERE name = 'term' UNION ALL SELECT MAX(term) FROM decision) highest)";

    private final Database database;

    private record Row(Epoch epoch, String body) {}

    public SqlDecisionStore(Database database) {
        this.database = database;
    }

    @Override
    public long newTerm() {
        return database.write(
                handle -> handle.createQuery("INSERT INTO counter (name, value) VALUES ('term', " + HIGHEST_TERM
                                + " + 1) ON CONFLICT (name) DO UPDATE SET value = excluded.value RETURNING value")
                        .mapTo(Long.class)
                        .one());
    }

    @Override
    public long unstoredTerm(long wallMillis) {
        long highest;
        long lastMillis;
        try {
            highest = database.read(handle -> handle.createQuery("SELECT " + HIGHEST_TERM)
                    .mapTo(Long.class)
                    .one());
            lastMillis = last().map(Decision::atMillis).orElse(0L);
        } catch (RuntimeException e) {
            log.error("no term can be read: {}", e.toString());
            highest = 0;
            lastMillis = 0;
        }
        return highest + 1 + Math.max(0, wallMillis - lastMillis) / 1000;
    }

    @Override
    public void save(Decision decision) {
        String body = DecisionJson.write(decision);
        Epoch epoch = decision.epoch();
        int unused = database.write(handle -> handle.execute(
                "INSERT INTO decision (term, sequence, at_millis, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                epoch.term(),
                epoch.sequence(),
                decision.atMillis(),
                body));
    }

    /**
     * The newest that can be read: damaged rows are reported and passed over, so that they never stop a start. What an older
     * version wrote is read as {@link DecisionJson} says.
     */
    @Override
    public Optional<Decision> last() {
        List<Row> newest = database.read(handle -> handle.createQuery(
                        "SELECT term, sequence, body FROM decision ORDER BY term DESC, sequence DESC LIMIT ?")
                .bind(0, LOOK_BACK)
                .map((row, context) -> new Row(new Epoch(row.getLong(1), row.getLong(2)), row.getString(3)))
                .list());
        int damaged = 0;
        for (Row row : newest) {
            try {
                DecisionJson.Row found = DecisionJson.read(row.epoch, row.body);
                if (damaged > 0) {
                    log.error("decision {} is used: the {} after it cannot be read", row.epoch, damaged);
                }
                if (found.version() != DecisionJson.VERSION) {
                    log.info(
                            "decision {} was stored in form {} (now {}): what it lacks has its default",
                            row.epoch,
                            found.version(),
                            DecisionJson.VERSION);
                }
                return Optional.of(found.decision());
            } catch (StoreException e) {
                if (damaged++ == 0) {
                    log.error("{}; one before it is used", e.getMessage());
                }
            }
        }
        if (damaged > 0) {
            log.error("none of the newest {} decisions can be read: the first one to come is made without", damaged);
        }
        return Optional.empty();
    }

    /** Throws {@link StoreException} when the row is there but damaged. */
    @Override
    public Optional<Decision> find(Epoch epoch) {
        return database.read(handle -> handle.createQuery("SELECT body FROM decision WHERE term = ? AND sequence = ?")
                        .bind(0, epoch.term())
                        .bind(1, epoch.sequence())
                        .mapTo(String.class)
                        .findOne())
                .map(body -> DecisionJson.read(epoch, body).decision());
    }

    /** Throws {@link StoreException} when the row is there but damaged. */
    @Override
    public Optional<Decision> before(Epoch epoch) {
        return first(epoch, "(term, sequence) < (?, ?) ORDER BY term DESC, sequence DESC");
    }

    /** Throws {@link StoreException} when the row is there but damaged. */
    @Override
    public Optional<Decision> after(Epoch epoch) {
        return first(epoch, "(term, sequence) > (?, ?) ORDER BY term, sequence");
    }

    private Optional<Decision> first(Epoch epoch, String rowsInOrder) {
        return database.read(handle -> handle.createQuery(
                                "SELECT term, sequence, body FROM decision WHERE " + rowsInOrder + " LIMIT 1")
                        .bind(0, epoch.term())
                        .bind(1, epoch.sequence())
                        .map((row, context) -> new Row(new Epoch(row.getLong(1), row.getLong(2)), row.getString(3)))
                        .findOne())
                .map(row -> DecisionJson.read(row.epoch, row.body).decision());
    }
}
