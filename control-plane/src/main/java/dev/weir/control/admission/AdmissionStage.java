package dev.weir.control.admission;

/**
 * One of the questions that a request passes in turn before it goes on, for instance whether its pool has room for it. Serial:
 * an {@link AdmissionChain} asks, and so tells the stage's {@link Reservation}s; it must return at once.
 */
public interface AdmissionStage {
    /**
     * Asks about one request. The stage answers by one call on {@code passage}, before this returns: {@link Passage#pass},
     * {@link Passage#refuse}, {@link Passage#hold}, or in the chain's last stage {@link Passage#admit}. What it holds it passes or
     * refuses later, in another step of the chain.
     *
     * @param nowNanos monotonic
     */
    void ask(Passage passage, long nowNanos);
}
