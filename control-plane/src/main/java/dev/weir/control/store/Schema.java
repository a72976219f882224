package dev.weir.control.store;

import java.util.Arrays;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;

/** Brings the schema up to date by the migrations in {@code db/migration}. */
final class Schema {
    private Schema() {}

    /** Throws {@link StoreException} when the schema is newer than this program, or there is something else. */
    static void migrate(DataSource database, String name) {
        Flyway flyway = Flyway.configure().dataSource(database).load();
        try {
            MigrationInfo[] all = flyway.info().all();
            MigrationVersion newest = Arrays.stream(all)
                    .filter(m -> !m.getScript().isEmpty() && m.getState().isResolved())
                    .map(MigrationInfo::getVersion)
                    .max(MigrationVersion::compareTo)
                    .orElseThrow(() -> new StoreException("no migrations on the class path", null));
            MigrationInfo current = flyway.info().current();
            if (current != null && current.getVersion().compareTo(newest) > 0) {
                throw new StoreException(
                        name + ": schema " + current.getVersion() + " (expected: at most " + newest
                                + "; a newer weir has written it)",
                        null);
            }
            flyway.migrate();
        } catch (FlywayException e) {
            throw new StoreException(name + ": " + firstLine(e) + " (expected: a database of weir, or none)", e);
        }
    }

    private static String firstLine(FlywayException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("schema unreadable");
    }
}
