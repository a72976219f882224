package dev.weir.control.usage;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.weir.control.model.Work;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Content;
import dev.weir.xds.telemetry.AccessRecord.Request;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * What calls used whose providers did not say so, by what those used that look like them: of the same pool, path and
 * provider, else of any provider of the pool, else by {@link Evidence}. A prompt's tokens go by its words or by its bytes, a
 * stream's by its pieces or by their text, whichever told more of them so far. The {@value #REMEMBERED} last used are
 * remembered.
 */
@ThreadSafe
public final class Estimates {
    private static final int REMEMBERED = 1_024;

    @GuardedBy("this")
    private final Map<Like, Lines> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Like, Lines> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** {@code provider}: "" = any. */
    private record Like(String pool, String provider, String path) {
        static Like of(AccessRecord call, String provider) {
            return new Like(call.route().pool(), provider, call.request().path());
        }
    }

    /** Of two measures of the same, the one that told more so far. */
    private static final class Lines {
        private final TokenLine bytes = new TokenLine();
        private final TokenLine words = new TokenLine();
        private final TokenLine answerBytes = new TokenLine();
        private final TokenLine pieces = new TokenLine();
        private final TokenLine text = new TokenLine();

        void learn(AccessRecord call, Usage usage) {
            bytes.add((double) call.request().bytesReceived(), (double) usage.promptTokens());
            words.add((double) call.request().words(), (double) usage.promptTokens());
            Content content = call.answer().content();
            if (content == null) {
                answerBytes.add((double) call.answer().bytesSent(), (double) usage.completionTokens());
            } else {
                pieces.add((double) content.pieces(), (double) usage.completionTokens());
                text.add((double) content.bytes(), (double) usage.completionTokens());
            }
        }

        OptionalDouble prompt(AccessRecord call) {
            Request request = call.request();
            return better(words, (double) request.words(), bytes, (double) request.bytesReceived());
        }

        OptionalDouble completion(AccessRecord call) {
            Content content = call.answer().content();
            return content == null
                    ? answerBytes.at((double) call.answer().bytesSent())
                    : better(pieces, (double) content.pieces(), text, (double) content.bytes());
        }

        private static OptionalDouble better(TokenLine a, double sizeA, TokenLine b, double sizeB) {
            OptionalDouble byA = a.at(sizeA);
            OptionalDouble byB = b.at(sizeB);
            return byB.isEmpty() || (byA.isPresent() && a.error() <= b.error()) ? byA : byB;
        }
    }

    /** @param promptTokens of these an estimate, as the others, unless the provider said them */
    public record Tokens(long promptTokens, long completionTokens) {}

    /** Takes note of a completed call whose usage is believed. */
    public synchronized void learn(AccessRecord call, Usage usage) {
        for (String provider : new String[] {call.route().provider(), ""}) {
            known.computeIfAbsent(Like.of(call, provider), like -> new Lines()).learn(call, usage);
        }
    }

    /** What a call used, as far as its answer was delivered; never more than its provider could claim. */
    public synchronized Tokens of(AccessRecord call, Work work) {
        Usage usage = call.answer().usage();
        Content content = call.answer().content();
        double prompt = usage != null && usage.promptTokens() > 0 ? (double) usage.promptTokens() : prompt(call);
        double completion = completion(call);
        if (usage != null && content != null && content.pieces() > 0) {
            // the pieces that came after the last count
            double after = (double) (content.pieces() - content.counted()) / (double) content.pieces();
            completion = (double) usage.completionTokens() + after * completion;
        }
        return new Tokens(
                Math.min(Math.round(prompt), TokenBounds.mostPrompt(call, work)),
                Math.min(Math.round(completion), TokenBounds.mostCompletion(call, work)));
    }

    @GuardedBy("this")
    private double prompt(AccessRecord call) {
        return learnt(call, lines -> lines.prompt(call)).orElseGet(() -> Evidence.prompt(call));
    }

    @GuardedBy("this")
    private double completion(AccessRecord call) {
        return learnt(call, lines -> lines.completion(call)).orElseGet(() -> Evidence.completion(call));
    }

    @GuardedBy("this")
    private OptionalDouble learnt(AccessRecord call, Function<Lines, OptionalDouble> told) {
        for (String provider : new String[] {call.route().provider(), ""}) {
            Lines lines = known.get(Like.of(call, provider));
            OptionalDouble tokens = lines == null ? OptionalDouble.empty() : told.apply(lines);
            if (tokens.isPresent()) {
                return tokens;
            }
        }
        return OptionalDouble.empty();
    }
}
