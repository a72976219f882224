package dev.weir.control.metrics;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps a label from growing without end: after {@value #LIMIT} different words every new one is {@code other}. */
final class BoundedLabels {
    private static final int LIMIT = 32;

    private final Set<String> words = ConcurrentHashMap.newKeySet();

    String of(String word) {
        if (words.contains(word)) {
            return word;
        }
        return words.size() < LIMIT && words.add(word) ? word : "other";
    }
}
