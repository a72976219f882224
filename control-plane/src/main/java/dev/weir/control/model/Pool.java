package dev.weir.control.model;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Kind {@code ProviderPool}.
 *
 * @param match {@code spec.match}, which requests are this pool's
 * @param operations {@code spec.operations}, the only ones that it serves; empty = those of the APIs that are known
 * @param members {@code spec.providers}, a list of {@code {provider, model, models, standby}}, in the order written; at least one
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

    /** {@code spec.match}: exactly one of models, path prefix, header. */
    public sealed interface Match {
        /**
         * The request body's {@code model}.
         *
         * @param names {@code model}, or {@code models}: whole names, and beginnings of names with a {@code *} behind, in the
         *     order written
         * @param aliases {@code aliases}: the name that providers get, by the other one that agents may say; the former is one of
         *     {@code names}
         */
        record Model(List<String> names, Map<String, String> aliases) implements Match {
            public Model {
                names = List.copyOf(names);
                // sorted: what is made of it is sent to sidecars again where it differs
                aliases = Collections.unmodifiableMap(new TreeMap<>(aliases));
            }

            /** One model. */
            public Model(String name) {
                this(List.of(name), Map.of());
            }

            /** The names that are matched whole, aliases among them. Listed by {@code GET /v1/models}. */
            public List<String> whole() {
                return Stream.concat(names.stream().filter(name -> !name.endsWith("*")), aliases.keySet().stream())
                        .toList();
            }

            /** The model that all requests are for, as providers get it unless they have another name; empty = there may be several. */
            public Optional<String> only() {
                return names.size() == 1 && beginnings().isEmpty() ? Optional.of(names.get(0)) : Optional.empty();
            }

            /** The beginnings of names, without their {@code *}. */
            public List<String> beginnings() {
                return names.stream()
                        .filter(name -> name.endsWith("*"))
                        .map(name -> name.substring(0, name.length() - 1))
                        .toList();
            }
        }

        /** A path prefix, starting with a slash. */
        record PathPrefix(String prefix) implements Match {}

        /** A header with an exact value. */
        record Header(String name, String value) implements Match {}
    }

    /**
     * @param provider a provider's name
     * @param model {@code model}, the name there of every model; empty = as {@code models} says
     * @param models {@code models}, names there by those of the pool; what is not in it has the pool's, or the agent's
     * @param standby {@code standby: true}: only a retry target
     */
    public record Member(String provider, Optional<String> model, Map<String, String> models, boolean standby) {
        public Member {
            models = Collections.unmodifiableMap(new TreeMap<>(models));
        }

        /** One where every model has one name, or the pool's. */
        public Member(String provider, Optional<String> model, boolean standby) {
            this(provider, model, Map.of(), standby);
        }

        /** Whether a model may have another name there than in the pool. */
        public boolean renames() {
            return model.isPresent() || !models.isEmpty();
        }
    }

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
