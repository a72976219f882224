package dev.weir.control.config;

import java.util.List;
import java.util.Map;

/** Where a configuration comes from: the texts of its objects, and what they name and do not hold. */
public interface ConfigSource {
    /**
     * All that there is now. What cannot be read is said in the listing, nothing is thrown.
     *
     * @param texts YAML by file name, whatever a file is there
     * @param unread names of files that are there but could not be read; "" = all of them
     * @param problems why
     * @param none what is wrong when the texts hold no object at all
     * @param secrets reads what these texts name
     */
    record Listing(
            Map<String, String> texts,
            List<String> unread,
            List<ConfigProblem> problems,
            ConfigProblem none,
            SecretReader secrets) {}

    Listing read();

    /**
     * Tells of changes, those since the last {@link #read} among them: of texts, and of files that were asked for by the
     * secrets of that reading. It may tell of a change that is none. What {@code changed} throws ends nothing.
     *
     * @param changed called by one thread at a time, until the watch is closed
     */
    AutoCloseable watch(Runnable changed);
}
