package dev.weir.control.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Kind {@code ProviderPool}.
 *
 * @param match {@code spec.match}, which requests are this pool's
 * @param operations {@code spec.operations}, the only ones that it serves; empty = those of the APIs that are known
 * @param members {@code spec.providers}, a list of {@code {provider, model, standby}}, in the order written; at least one
 * @param minPrice {@code spec.price.min}, atomic units per 1 000 work units, {@code >= 1}, default 100
 * @param work {@code spec.work}, how work is counted
 * @param retries {@code spec.retries} and {@code spec.retryOn}
 * @param timeouts {@code spec.perTryTimeout}, {@code spec.perTryIdleTimeout}, {@code spec.maxStreamDuration}
 * @param stickyHeader {@code spec.sticky.header}: conversations stay with their provider
 * @param admission {@code spec.admission}, {@code spec.onUnavailable} and {@code spec.queue}; a sticky pool has no check
 */
public record Pool(
        String name,
        Match match,
        List<Operation> operations,
        List<Member> members,
        long minPrice,
        Work work,
        Retries retries,
        Timeouts timeouts,
        Optional<String> stickyHeader,
        Admission admission) {
    public Pool {
        members = List.copyOf(members);
        operations = List.copyOf(operations);
    }

    /** Whether the provider is a member. */
    public boolean has(String provider) {
        return members.stream().anyMatch(member -> member.provider().equals(provider));
    }

    /** {@code spec.match}: exactly one of model, path prefix, header. */
    public sealed interface Match {
        /** The request body's {@code model}. Listed by {@code GET /v1/models}. */
        record Model(String model) implements Match {}

        /** A path prefix, starting with a slash. */
        record PathPrefix(String prefix) implements Match {}

        /** A header with an exact value. */
        record Header(String name, String value) implements Match {}
    }

    /**
     * @param provider a provider's name
     * @param model the model's name there; empty = as the agent wrote it
     * @param standby {@code standby: true}: only a retry target
     */
    public record Member(String provider, Optional<String> model, boolean standby) {}

    /**
     * What a provider can be asked to do.
     *
     * @param method such as {@code POST}
     * @param path begins with a slash; {@code *} is one segment, {@code **} at the end any number of them
     */
    public record Operation(String method, String path) {
        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    /**
     * How long an attempt or a call may last.
     *
     * @param perTry {@code spec.perTryTimeout}; adds reset to the retry conditions
     * @param perTryIdle {@code spec.perTryIdleTimeout}, default 10 min
     * @param maxStream {@code spec.maxStreamDuration}, default 30 min
     */
    public record Timeouts(Optional<Duration> perTry, Duration perTryIdle, Duration maxStream) {}
}
