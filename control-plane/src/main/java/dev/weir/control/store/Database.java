package dev.weir.control.store;

import com.google.errorprone.annotations.ThreadSafe;
import dev.weir.control.model.Store;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * The database that everything is stored in. What differs between databases is in here: how to connect, what a transaction
 * locks and waits for, and what it means that there is no room. SQL beside it is such that others take it as well.
 *
 * <p>Every write is a transaction that is on the disk when it returns, because sidecars' logs are deleted on the strength of
 * it. Other processes may use the same database. Calls block.
 */
@ThreadSafe
public interface Database extends AutoCloseable {
    /** Opens it, makes it if need be, and brings its schema up to date. Throws {@link StoreException}. */
    static Database open(Store.Place place) {
        return SqliteDatabase.open(((Store.Sqlite) place).path());
    }

    /** As {@link #open}, but where there is no room too: then it can only be read, or not even that, until {@link #upkeep}. */
    static Database openAnyhow(Store.Place place) {
        Store.Sqlite sqlite = (Store.Sqlite) place;
        return SqliteDatabase.openAnyhow(sqlite.path(), SqliteDatabase.BUSY_TIMEOUT, sqlite.reserve());
    }

    /** Runs {@code body} in a transaction of its own. For what is small: it may use what is held in reserve. */
    <T> T write(Function<Handle, T> body);

    /** As {@link #write}, for what is much: refused while there is no room, and never out of the reserve. */
    <T> T writeMuch(Function<Handle, T> body);

    /** Runs {@code body} on a consistent view of what was written so far. It must not write. */
    <T> T read(Function<Handle, T> body);

    /** Looks for room, and makes use of it. About once a second, one thread. */
    void upkeep();

    /** Whether there was no room and has not been again: {@link #writeMuch} is refused. */
    boolean full();

    /** Whether {@link #read} is possible. */
    boolean readable();

    /** Bytes that are free to it. */
    long free();

    /** Bytes in reserve. */
    long reserved();

    @Override
    void close();
}
