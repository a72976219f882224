package dev.weir.control.loop;

import dev.weir.control.model.Work;
import dev.weir.control.usage.Evidence;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Mean tokens of a pool's completed calls:
 *
 * <pre>
 *   tokens = mean of what was seen of a call ({@link Evidence}) x median over providers of {@link ClaimMeter#ratio}</pre>
 *
 * What is seen, no provider claims, and it tells a provider with large calls from one that counts too much. What is claimed
 * for it is left to the middle provider, so fewer than half of them cannot move it; where their number is even, what is seen
 * itself (a ratio of 1) has a vote. The mean forgets: each call counts 1/{@value #MEMORY} of itself once that many were
 * seen, 1/n before. Not safe for several threads.
 */
final class WorkMeter {
    private static final int MEMORY = 1000;

    private long calls;
    private double prompt;
    private double completion;
    private final Map<String, Claims> byProvider = new HashMap<>();

    private record Claims(ClaimMeter prompt, ClaimMeter completion) {}

    /** Takes note of a completed call. {@code believed}: what its provider counted, null = nothing, or what can't be. */
    void add(AccessRecord call, @Nullable Usage believed) {
        calls++;
        double share = 1.0 / (double) Math.min(calls, MEMORY);
        prompt += share * (Evidence.prompt(call) - prompt);
        completion += share * (Evidence.completion(call) - completion);
        if (believed != null) {
            Claims claims = byProvider.computeIfAbsent(
                    call.route().provider(), p -> new Claims(new ClaimMeter(), new ClaimMeter()));
            claims.prompt.add((double) believed.promptTokens(), Evidence.prompt(call));
            claims.completion.add((double) believed.completionTokens(), Evidence.completion(call));
        }
    }

    /** Mean work units of a request, {@code > 0}. */
    double perRequest(Work work) {
        if (!(work instanceof Work.PerToken perToken)) {
            return 1;
        }
        double mean = calls == 0
                ? 0
                : prompt * middle(Claims::prompt) * perToken.perPromptToken()
                        + completion * middle(Claims::completion) * perToken.perCompletionToken();
        return mean > 0 ? mean : perToken.initialPerRequest();
    }

    /** Forgets all other providers. */
    void retain(Collection<String> providers) {
        byProvider.keySet().retainAll(providers);
    }

    private double middle(Function<Claims, ClaimMeter> meter) {
        int providers = byProvider.size();
        double[] ratios = new double[providers + 1 - providers % 2];
        int at = 0;
        for (Claims claims : byProvider.values()) {
            ratios[at++] = meter.apply(claims).ratio();
        }
        if (at < ratios.length) {
            ratios[at] = 1;
        }
        java.util.Arrays.sort(ratios);
        return ratios[ratios.length / 2];
    }
}
