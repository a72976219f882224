package dev.weir.xds.check;

import java.util.function.Consumer;

/** Decides about requests, on gRPC's network threads: must return at once. */
public interface CheckHandler {
    /**
     * @param answer takes the one answer, now or later, on any thread
     * @return hears what becomes of the answer, on gRPC's network threads
     */
    AnswerListener check(CheckedRequest check, Consumer<CheckAnswer> answer);
}
