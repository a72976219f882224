package dev.weir.xds.check;

/**
 * What becomes of the answer to a check on its way back: one of the two, or nothing that is ever known, where the connection is
 * lost.
 */
public interface AnswerListener {
    /** The one who asked has read it. */
    void arrived();

    /** The one who asked has left without it; also after an answer that was too late. */
    void left();
}
