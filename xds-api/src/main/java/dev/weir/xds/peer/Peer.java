package dev.weir.xds.peer;

import dev.weir.xds.PrintableText;
import io.grpc.Context;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Who speaks on a call. It speaks for itself: as the node that its identity names, and before the providers that the
 * configuration gave it.
 */
public sealed interface Peer {
    /** Kind of a refusal because of who somebody is, for a metric's label. */
    String REFUSED = "identity";

    /** What is wrong with it saying that it is {@code node}; "" = nothing. */
    String refusesNode(String node);

    /** What is wrong with it asking as the side of {@code providers}; "" = nothing. */
    String refusesSide(Collection<String> providers);

    /** What is wrong with it asking as a consumer; "" = nothing. */
    String refusesConsumer();

    /**
     * What is wrong with it bringing calls of {@code node}: a side makes none, and whom they pay may be its own provider;
     * "" = nothing.
     */
    default String refusesCalls(String node) {
        String denial = refusesNode(node);
        return denial.isEmpty() ? refusesConsumer() : denial;
    }

    /** Whose call the current context belongs to. */
    static Peer current() {
        return Anybody.CURRENT.get();
    }

    /** Whoever reaches a port that asks for no proof. */
    record Anybody() implements Peer {
        static final Context.Key<Peer> CURRENT = Context.keyWithDefault("weir-peer", new Anybody());

        @Override
        public String refusesNode(String node) {
            return "";
        }

        @Override
        public String refusesSide(Collection<String> providers) {
            return "";
        }

        @Override
        public String refusesConsumer() {
            return "";
        }
    }

    /**
     * One that proved who it is.
     *
     * @param names the identities that its certificate bears, or the one of its token; at least one
     * @param identities what these may do
     */
    record Known(Set<String> names, Identities identities) implements Peer {
        private static final String NOBODY =
                " (expected: one of Mesh.spec.consumers, or of a Provider's spec.sidecar.identity)";

        public Known {
            names = Set.copyOf(names);
        }

        @Override
        public String refusesNode(String node) {
            Rights rights = rights();
            if (rights.sideOf().isEmpty() && !rights.consumer()) {
                return "identity: " + this + NOBODY;
            }
            return names.stream().anyMatch(name -> nodeOf(name).equals(node))
                    ? ""
                    : "node: \"" + PrintableText.shown(node, 64) + "\" (expected: "
                            + names.stream().map(Known::nodeOf).sorted().collect(Collectors.joining(" or "))
                            + ", as identity " + this + " says)";
        }

        @Override
        public String refusesSide(Collection<String> providers) {
            Set<String> others = new TreeSet<>(providers);
            others.removeAll(rights().sideOf());
            return others.isEmpty()
                    ? ""
                    : "providers: \"" + PrintableText.shown(String.join(", ", others), 64)
                            + "\" (expected: those whose spec.sidecar.identity is " + this + ")";
        }

        @Override
        public String refusesConsumer() {
            Rights rights = rights();
            if (rights.consumer()) {
                return "";
            }
            return rights.sideOf().isEmpty()
                    ? "identity: " + this + NOBODY
                    : "role: \"consumer\" (expected: provider, because " + this + " is the side of "
                            + String.join(", ", new TreeSet<>(rights.sideOf())) + ")";
        }

        private Rights rights() {
            return Rights.of(names, identities);
        }

        /** The last segment of a SPIFFE id's path, or the whole DNS name. */
        private static String nodeOf(String name) {
            return name.startsWith(Certified.SPIFFE) ? name.substring(name.lastIndexOf('/') + 1) : name;
        }

        @Override
        public String toString() {
            return PrintableText.shown(String.join(", ", new TreeSet<>(names)), 64);
        }
    }
}
