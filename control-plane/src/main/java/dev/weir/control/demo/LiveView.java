package dev.weir.control.demo;

/** Shows the story while it is told. */
interface LiveView {
    /**
     * @param policy that is being played
     * @param note what is the matter with the largest provider, "" = nothing
     */
    void show(String policy, String note, Sample sample);

    /** Takes note that the story is over: what is shown stays. */
    void end();
}
