package dev.weir.control.loop;

import dev.weir.control.model.Config.Work;
import dev.weir.xds.telemetry.AccessRecord.Usage;

/**
 * Mean tokens of a pool's completed calls, as an average that forgets: each call counts 1/{@value #MEMORY} of itself once
 * that many were seen, 1/n before. Owned by the loop's thread.
 */
final class WorkMeter {
    private static final int MEMORY = 1000;

    private long calls;
    private double promptTokens;
    private double completionTokens;

    void add(Usage usage) {
        calls++;
        double share = 1.0 / Math.min(calls, MEMORY);
        promptTokens += share * (usage.promptTokens() - promptTokens);
        completionTokens += share * (usage.completionTokens() - completionTokens);
    }

    /** Mean work units of a request, {@code > 0}. */
    double perRequest(Work work) {
        if (work instanceof Work.PerToken perToken) {
            double mean = calls == 0
                    ? perToken.initialPerRequest()
                    : promptTokens * perToken.perPromptToken() + completionTokens * perToken.perCompletionToken();
            return mean > 0 ? mean : perToken.initialPerRequest();
        }
        return 1;
    }
}
