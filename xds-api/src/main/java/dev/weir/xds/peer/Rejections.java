package dev.weir.xds.peer;

/** Told of each call and connection that is refused, on the network's threads: must return at once and never throw. */
@FunctionalInterface
public interface Rejections {
    /** @param kind a short fixed word for a metric's label; {@code node} "" where it is not known */
    void rejected(String node, String kind, String message);
}
