package dev.weir.bench.loop;

/**
 * A provider as it really is and as it is declared.
 *
 * @param name DNS label
 * @param slots jobs served at once, {@code >= 1}
 * @param meanServiceSeconds of a job of size 1
 * @param declaredFactor declared over true capacity; 1 = honest
 */
record Server(String name, int slots, double meanServiceSeconds, double declaredFactor) {
    /** Jobs of size 1 per second that it really finishes. */
    double capacity() {
        return slots / meanServiceSeconds;
    }

    double declaredCapacity() {
        return capacity() * declaredFactor;
    }

    Server declaring(double factor) {
        return new Server(name, slots, meanServiceSeconds, factor);
    }

    /** The same provider, each job taking {@code factor} times as long. */
    Server slower(double factor) {
        return new Server(name, slots, meanServiceSeconds * factor, declaredFactor);
    }
}
