package dev.weir.control.store;

import com.google.errorprone.annotations.ThreadSafe;
import dev.weir.weights.Proposal.Announcement;
import java.util.Collection;
import java.util.List;

/** The prices that were announced last: what sidecars may go by must not be forgotten. Calls block on the database. */
@ThreadSafe
public interface PriceStore {
    /** One for each pool at most. */
    List<Announcement> announced();

    /** Stores announcements, each in the place of its pool's former one. */
    void save(Collection<Announcement> announced);
}
