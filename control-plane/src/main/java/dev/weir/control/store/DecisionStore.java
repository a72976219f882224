package dev.weir.control.store;

import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import java.util.Optional;

/** Released decisions; the last 10 000 are kept. Any thread; calls block on the database. */
public interface DecisionStore {
    /** A new term, one above every term ever given out. */
    long newTerm();

    /** Idempotent. */
    void save(Decision decision);

    Optional<Decision> last();

    Optional<Decision> find(Epoch epoch);

    /** The newest that was released before {@code epoch}, in its term or an earlier one. */
    Optional<Decision> before(Epoch epoch);
}
