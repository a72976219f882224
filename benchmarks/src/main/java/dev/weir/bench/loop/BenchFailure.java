package dev.weir.bench.loop;

/** The benchmark cannot go on; the message says why, in full. */
final class BenchFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    BenchFailure(String message) {
        super(message);
    }
}
