package dev.weir.control.store;

import org.jspecify.annotations.Nullable;

/** The database, or one row of it, cannot be used; the message says which, what it holds and what was expected. */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
