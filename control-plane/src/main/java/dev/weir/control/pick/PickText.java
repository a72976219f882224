package dev.weir.control.pick;

import dev.weir.control.pick.MeshView.PoolView;
import dev.weir.weights.pick.LeastWait;

/** What a pick saw, in one line: providers and their expected waits in milliseconds, the choices first, at most {@value #MAX}. */
final class PickText {
    static final int MAX = 8;

    private PickText() {}

    /** The line for the choice that {@code choice} made just now. */
    static String of(MeshView view, PoolView pool, LeastWait choice) {
        StringBuilder text = new StringBuilder(96);
        int first = choice.first();
        int second = choice.second();
        append(text, view, choice, first);
        int shown = 1;
        if (second != LeastWait.NONE) {
            append(text, view, choice, second);
            shown++;
        }
        for (int i = 0; i < pool.callable.length && shown < MAX; i++) {
            int k = pool.callable[i];
            if (k != first && k != second) {
                append(text, view, choice, k);
                shown++;
            }
        }
        int left = pool.callable.length - shown;
        if (left > 0) {
            text.append(", ").append(left).append(" more");
        }
        return text.toString();
    }

    private static void append(StringBuilder text, MeshView view, LeastWait choice, int k) {
        if (!text.isEmpty()) {
            text.append(", ");
        }
        text.append(view.providers.get(k)).append(' ');
        if (choice.open(k)) {
            long tenths = Math.round(choice.expectedWaitSeconds(k) * 10_000);
            text.append(tenths / 10).append('.').append(tenths % 10);
        } else {
            text.append("closed");
        }
    }
}
