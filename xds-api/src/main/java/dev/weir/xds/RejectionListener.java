package dev.weir.xds;

/** Told what was refused of what came in, on gRPC's threads: must return at once and never throw. */
public interface RejectionListener {
    /**
     * A message that could not be read was dropped, or a stream was ended because of what it sent.
     *
     * @param node "" where it never said who it is
     * @param kind a short fixed word for a metric's label
     */
    default void rejected(String node, String kind, String message) {}
}
