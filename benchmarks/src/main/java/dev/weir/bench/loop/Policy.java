package dev.weir.bench.loop;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** A way to choose the provider of each call. */
enum Policy {
    JSQ("jsq", "least expected wait by the providers' exact state, asked per request: the bound"),
    GOVERNED("governed", "ours: the control plane picks per request"),
    POOLED("pooled", "ours: as governed, and calls that find no room wait in the control plane"),
    BOUNCE("bounce", "ours: the smooth split, and a provider above its level sends a first attempt elsewhere"),
    SMOOTH("smooth", "ours: the pushed split, drawn by a counter; tick and load reports 250 ms"),
    SMOOTH_FAST("smooth-100ms", "as smooth, tick and load reports 100 ms"),
    RANDOM("random", "as smooth, but Envoy draws by chance"),
    WRR("wrr", "weighted clusters, declared capacities as fixed weights"),
    LEAST_REQUEST("least-request", "one cluster, LEAST_REQUEST weighted by declared capacity"),
    P2C("p2c", "one cluster, LEAST_REQUEST of two at random, no weights"),
    CSWRR("cswrr", "one cluster, client-side weighted round robin by the providers' own reports (ORCA)");

    private final String label;
    private final String meaning;

    Policy(String label, String meaning) {
        this.label = label;
        this.meaning = meaning;
    }

    /** Its name on the command line and in results. */
    String label() {
        return label;
    }

    String meaning() {
        return meaning;
    }

    /** Whether the control plane under test runs it. */
    boolean ours() {
        return switch (this) {
            case GOVERNED, POOLED, BOUNCE, SMOOTH, SMOOTH_FAST, RANDOM -> true;
            case JSQ, WRR, LEAST_REQUEST, P2C, CSWRR -> false;
        };
    }

    static Optional<Policy> of(String label) {
        return Arrays.stream(values())
                .filter(policy -> policy.label.equals(label))
                .findFirst();
    }

    static String labels() {
        return List.of(values()).stream().map(Policy::label).collect(Collectors.joining(", "));
    }
}
