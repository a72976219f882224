package dev.weir.control.config;

import java.util.Comparator;

/** What makes two objects the same one, in whatever file they are. */
record ObjectKey(String kind, String name) implements Comparable<ObjectKey> {
    static final String MESH = "Mesh";
    static final String PROVIDER = "Provider";
    static final String POOL = "ProviderPool";

    private static final Comparator<ObjectKey> ORDER =
            Comparator.comparing(ObjectKey::kind).thenComparing(ObjectKey::name);

    @Override
    public int compareTo(ObjectKey other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return kind + "/" + name;
    }
}
