package dev.weir.sim.experiment;

/** A named question with an answer in figures. */
public interface Experiment {
    /** One word. */
    String name();

    /** One line: what it shows. */
    String summary();

    Report run(Effort effort);
}
