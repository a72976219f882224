package dev.weir.control.model;

/**
 * Does something with what the loop decided. Called by the loop's thread after each tick, so it must not block: slow work
 * goes to a thread of its own.
 */
public interface Publisher {
    /**
     * @param image the state after this tick
     * @param released true when {@code image.decision()} was released by this very tick
     */
    void publish(Image image, boolean released);
}
