package dev.weir.xds.peer;

import com.google.errorprone.annotations.ThreadSafe;
import java.util.Optional;
import java.util.Set;

/**
 * What identities may do, as configured at this moment. An identity is a name that a certificate bears, a SPIFFE id or a DNS
 * name, or the one that a token stands for.
 */
@ThreadSafe
public interface Identities {
    /** Whether it may be a consumer, if it is no side. */
    boolean consumer(String identity);

    /** Names of the providers that it is the side of; empty = it is none. */
    Set<String> sideOf(String identity);

    /** Whose bearer token this is; empty = nobody's. */
    Optional<String> bearer(String token);
}
