package dev.weir.control.model;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * {@code ProviderPool.spec.retries} and {@code retryOn}: when a call is tried again, and how often.
 *
 * <p>Statuses are tried on another provider only, so they mean nothing in a pool of one; conditions of the connection are
 * tried there too. Nothing is tried again once the answer has begun.
 *
 * @param most further attempts after the first, 0-5, default 1
 * @param conditions of the connection
 * @param statuses of an answer, 300-599, ascending
 */
public record Retries(int most, Set<Condition> conditions, Set<Integer> statuses) {
    /**
     * Statuses after which nothing was done yet: the provider refuses the mesh's key, knows no such thing, sends on, or has no
     * room.
     */
    private static final List<Integer> REFUSED = List.of(301, 302, 303, 307, 308, 401, 402, 403, 404, 429, 503, 529);

    /** Statuses after which the provider may have begun. */
    private static final List<Integer> FAILED = List.of(408, 500, 502, 504);

    private static final Set<Condition> CONNECTION =
            EnumSet.of(Condition.CONNECT_FAILURE, Condition.REFUSED_STREAM, Condition.RESET_BEFORE_REQUEST);

    /** What happens to a connection, in Envoy's words. */
    public enum Condition {
        CONNECT_FAILURE("connect-failure"),
        REFUSED_STREAM("refused-stream"),
        RESET_BEFORE_REQUEST("reset-before-request"),
        /** The provider may have had the request, and cut before it answered. */
        RESET("reset");

        private final String word;

        Condition(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }

        public static Optional<Condition> of(String word) {
            return Arrays.stream(values())
                    .filter(each -> each.word.equals(word))
                    .findFirst();
        }
    }

    public Retries {
        conditions = conditions.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(conditions));
        statuses = Collections.unmodifiableSet(new TreeSet<>(statuses));
    }

    /**
     * Retries without conditions of their own, the default: whatever another provider may do better. Requests that name a model
     * are safe to repeat, as OpenAI's own clients do; others may create things (files, batches), so they are repeated only
     * where nothing was done yet.
     */
    public static Retries of(int most, Pool.Match match) {
        Set<Condition> conditions = EnumSet.copyOf(CONNECTION);
        Set<Integer> statuses = new TreeSet<>(REFUSED);
        if (match instanceof Pool.Match.Model) {
            // providers close idle connections just when a request comes, too
            conditions.add(Condition.RESET);
            statuses.addAll(FAILED);
        }
        return new Retries(most, conditions, statuses);
    }
}
