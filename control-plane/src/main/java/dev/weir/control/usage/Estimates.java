package dev.weir.control.usage;

import dev.weir.control.model.Config.Work;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Content;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What calls used whose providers did not say so, by what those used that look like them: of the same pool, path and
 * provider, else of any provider of the pool, else by {@link Evidence}. The {@value #REMEMBERED} last used are remembered.
 * Threadsafe.
 */
public final class Estimates {
    private static final int REMEMBERED = 1_024;

    private final Map<Like, Lines> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Like, Lines> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** {@code provider}: "" = any. */
    private record Like(String pool, String provider, String path) {}

    private static final class Lines {
        private final TokenLine prompt = new TokenLine();
        private final TokenLine pieces = new TokenLine();
        private final TokenLine bytes = new TokenLine();

        TokenLine completion(AccessRecord call) {
            return call.content() == null ? bytes : pieces;
        }
    }

    /** @param promptTokens of these an estimate, as the others, unless the provider said them */
    public record Tokens(long promptTokens, long completionTokens) {}

    /** Takes note of a completed call whose usage is believed. */
    public synchronized void learn(AccessRecord call, Usage usage) {
        for (String provider : new String[] {call.provider(), ""}) {
            Lines lines = known.computeIfAbsent(new Like(call.pool(), provider, call.path()), like -> new Lines());
            lines.prompt.add((double) call.bytesReceived(), (double) usage.promptTokens());
            lines.completion(call).add(size(call), (double) usage.completionTokens());
        }
    }

    /** What a call used, as far as its answer was delivered; never more than its provider could claim. */
    public synchronized Tokens of(AccessRecord call, Work work) {
        Usage usage = call.usage();
        Content content = call.content();
        double prompt = usage != null && usage.promptTokens() > 0 ? (double) usage.promptTokens() : prompt(call);
        double completion = completion(call, size(call));
        if (usage != null && content != null && content.pieces() > 0) {
            // the pieces that came after the last count
            double after = (double) (content.pieces() - content.counted()) / (double) content.pieces();
            completion = (double) usage.completionTokens() + after * completion;
        }
        return new Tokens(
                Math.min(Math.round(prompt), TokenBounds.mostPrompt(call, work)),
                Math.min(Math.round(completion), TokenBounds.mostCompletion(call, work)));
    }

    private double prompt(AccessRecord call) {
        for (String provider : new String[] {call.provider(), ""}) {
            Lines lines = known.get(new Like(call.pool(), provider, call.path()));
            if (lines != null && lines.prompt.known()) {
                return lines.prompt.at((double) call.bytesReceived());
            }
        }
        return Evidence.prompt(call);
    }

    private double completion(AccessRecord call, double size) {
        for (String provider : new String[] {call.provider(), ""}) {
            Lines lines = known.get(new Like(call.pool(), provider, call.path()));
            if (size > 0 && lines != null && lines.completion(call).known()) {
                return lines.completion(call).at(size);
            }
        }
        return Evidence.completion(call);
    }

    private static double size(AccessRecord call) {
        Content content = call.content();
        return (double) (content == null ? call.bytesSent() : content.pieces());
    }
}
