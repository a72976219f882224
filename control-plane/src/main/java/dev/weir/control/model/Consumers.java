package dev.weir.control.model;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which identities are consumers: {@code spec.consumers}.
 *
 * @param names SPIFFE ids and DNS names; one that ends with {@code /*} stands for all that begin as it does; sorted, each once
 */
public record Consumers(Set<String> names) {
    /** Consumers of which none is named: at the control plane every identity that is no side's is one, at a side nobody is. */
    public static final Consumers UNNAMED = new Consumers(Set.of());

    private static final String ALL_BELOW = "/*";

    public Consumers {
        names = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(names));
    }

    /** The identities that stand for themselves. */
    public List<String> exact() {
        return names.stream().filter(name -> !name.endsWith(ALL_BELOW)).toList();
    }

    /** How the identities begin that the others stand for, with the slash. */
    public List<String> prefixes() {
        return names.stream()
                .filter(name -> name.endsWith(ALL_BELOW))
                .map(name -> name.substring(0, name.length() - 1))
                .toList();
    }

    /** Whether the control plane takes it for one, if it is no side's. */
    public boolean admit(String identity) {
        return names.isEmpty()
                || names.contains(identity)
                || prefixes().stream().anyMatch(identity::startsWith);
    }
}
