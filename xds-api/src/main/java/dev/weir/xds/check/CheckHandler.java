package dev.weir.xds.check;

import java.util.function.Consumer;

/** Decides about requests, on gRPC's network threads: must return at once. */
public interface CheckHandler {
    /**
     * @param answer takes the one answer, now or later, on any thread
     * @return what to do when the one who asked has left without the answer; also after an answer that was too late
     */
    Runnable check(CheckedRequest check, Consumer<CheckAnswer> answer);
}
