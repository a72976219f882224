package dev.weir.control.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A column of table {@code record}: the one place that says what it is called, what is written there and how it is read.
 *
 * @param name in the database
 * @param written what an entry has there; null = nothing
 * @param reader reads it by its name
 */
record Column<T>(String name, Function<Entry, @Nullable Object> written, Reader<T> reader) {
    /** One of a result set's own getters, or one that makes something of what it gives. */
    @FunctionalInterface
    interface Reader<T> {
        T read(ResultSet row, String name) throws SQLException;
    }

    /** One that may be empty. */
    static <T> Column<Optional<T>> optional(String name, Function<Entry, Optional<T>> written, Reader<T> reader) {
        return new Column<>(name, entry -> written.apply(entry).orElse(null), (row, column) -> {
            T value = reader.read(row, column);
            return row.wasNull() ? Optional.empty() : Optional.of(value);
        });
    }

    T read(ResultSet row) throws SQLException {
        return reader.read(row, name);
    }
}
