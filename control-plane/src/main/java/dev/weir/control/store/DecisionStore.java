package dev.weir.control.store;

import com.google.errorprone.annotations.ThreadSafe;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import java.util.Optional;

/** Released decisions. Calls block on the database. */
@ThreadSafe
public interface DecisionStore {
    /** A new term, one above every term ever given out. Throws {@link StoreException} when the disk is full. */
    long newTerm();

    /**
     * A term for a start that cannot store one: above every term that can be read, and by a second for each second since the
     * last decision, so that the next such start has another one.
     *
     * @param wallMillis now, since 1970
     */
    long unstoredTerm(long wallMillis);

    /** Stores a decision; idempotent. */
    void save(Decision decision);

    Optional<Decision> last();

    Optional<Decision> find(Epoch epoch);

    /** The newest that was released before {@code epoch}, in its term or an earlier one. */
    Optional<Decision> before(Epoch epoch);

    /** The oldest that was released after {@code epoch}, in its term or a later one. */
    Optional<Decision> after(Epoch epoch);
}
