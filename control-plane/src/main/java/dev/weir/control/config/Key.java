package dev.weir.control.config;

import java.util.Comparator;

/** What makes two objects the same one, in whatever file they are. */
record Key(String kind, String name) implements Comparable<Key> {
    static final String MESH = "Mesh";
    static final String PROVIDER = "Provider";
    static final String POOL = "ProviderPool";

    private static final Comparator<Key> ORDER = Comparator.comparing(Key::kind).thenComparing(Key::name);

    @Override
    public int compareTo(Key other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return kind + "/" + name;
    }
}
