package dev.weir.xds.peer;

import java.util.Optional;
import java.util.Set;

/** What proves whose a call is. */
sealed interface Evidence permits Evidence.Bearer, Shown {
    /** The identities that it proves, if there is no {@link #problem}; at least one. */
    Set<String> names();

    /** Why it proves nothing at this moment; "" = it does. */
    String problem();

    /**
     * A token.
     *
     * @param identity whose it was when the call began
     */
    record Bearer(String token, String identity, Identities identities) implements Evidence {
        @Override
        public Set<String> names() {
            return Set.of(identity);
        }

        @Override
        public String problem() {
            return identities.bearer(token).equals(Optional.of(identity)) ? "" : "authorization: nobody's token";
        }

        @Override
        public String toString() {
            return "Bearer[" + identity + "]";
        }
    }
}
