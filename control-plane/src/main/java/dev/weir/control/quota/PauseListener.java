package dev.weir.control.quota;

import java.util.Set;

/** Hears for how long providers want to be left alone. Is called on threads that must not wait. */
@FunctionalInterface
public interface PauseListener {
    /**
     * A limit of a credential was reached, or is not any more.
     *
     * @param clusters all that spend from it: pools and the provider
     * @param untilNanos end of the pause, monotonic; not ahead of now = it is over
     */
    void paused(Set<String> clusters, long untilNanos);
}
