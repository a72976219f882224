package dev.weir.control.pick;

import java.util.Collection;
import java.util.Optional;

/** Who of those that wait is next. One pool's queue at a time is asked for room; the order over all pools is here. Serial. */
interface QueueOrder {
    /** Its place must not change while it is in. */
    void add(QueuedCheck held);

    void remove(QueuedCheck held);

    /** Who is next among those that wait for {@code pools}. */
    Optional<QueuedCheck> next(Collection<String> pools);

    /** How many wait for a pool. */
    int waiting(String pool);
}
