package dev.weir.control.config;

import dev.weir.control.model.Admission;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Pool.Member;
import dev.weir.control.model.Pool.Operation;
import dev.weir.control.model.Retries;
import dev.weir.control.model.Work;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads kind {@code ProviderPool}. */
final class PoolReader {
    /**
     * Default for how long nothing may come, as long as OpenAI's clients wait. They begin to count before a sidecar does, so it
     * is they who give up.
     */
    private static final Duration IDLE = Duration.ofMinutes(10);

    /** What thought for all of that may still stream for twice as long. */
    private static final Duration MAX = Duration.ofMinutes(30);

    Pool read(String name, Fields spec) {
        Optional<Match> match = MatchReader.read(spec);
        List<Member> members = MemberReader.read(spec, match);
        Optional<Fields> price = spec.object("price");
        long minPrice =
                price.flatMap(p -> p.integer("min", 1, 1_000_000_000_000L)).orElse(100L);
        price.ifPresent(Fields::end);
        Work work = spec.object("work").map(PoolReader::work).orElseGet(Work.PerRequest::new);
        int retries = spec.integer("retries", 0, 5).orElse(1L).intValue();
        Match matched = match.orElseGet(() -> new Match.Model(name));
        Retries again = RetryOnReader.read(spec, retries, matched);
        Optional<Duration> perTry = spec.duration("perTryTimeout", Duration.ofMillis(1), Duration.ofHours(24));
        Duration idle = spec.duration("perTryIdleTimeout", Duration.ofMillis(1), Duration.ofHours(24))
                .orElse(IDLE);
        Duration stream = spec.duration("maxStreamDuration", Duration.ofMillis(1), Duration.ofHours(24))
                .orElse(MAX);
        if (perTry.isPresent() && perTry.get().compareTo(stream) > 0) {
            spec.refuse(
                    "perTryTimeout",
                    Optional.of(DurationText.write(perTry.get())),
                    "at most maxStreamDuration, " + DurationText.write(stream));
        }
        Optional<Fields> sticky = spec.object("sticky");
        Optional<String> stickyHeader = sticky.flatMap(s -> {
            if (!s.has("header")) {
                s.missing("header", "the name of the header that holds the conversation's id");
            }
            return s.text("header", HeaderText.NAME, HeaderText::name);
        });
        sticky.ifPresent(Fields::end);
        List<Operation> operations = OperationReader.read(spec, match);
        Admission admission = AdmissionReader.read(spec, stickyHeader.isPresent(), stream);
        spec.end();
        return new Pool(
                name,
                matched,
                operations,
                members,
                minPrice,
                work,
                again,
                new Pool.Timeouts(perTry, idle, stream),
                stickyHeader,
                admission);
    }

    private static Work work(Fields fields) {
        String expected = "a number from 0 to 1e6: work units per token";
        double prompt = fields.number("perPromptToken", 0, 1e6, expected).orElse(0.0);
        double completion =
                fields.number("perCompletionToken", 0, 1e6, expected).orElse(0.0);
        boolean written = fields.has("perPromptToken") || fields.has("perCompletionToken");
        if (!written || prompt + completion <= 0) {
            fields.refuse("", Optional.of("{...}"), "perPromptToken or perCompletionToken above 0");
        }
        String initial = "a number above 0, at most 1e9: work units of a request before any was seen";
        if (!fields.has("initialPerRequest")) {
            fields.missing("initialPerRequest", initial);
        }
        double perRequest = fields.number("initialPerRequest", Double.MIN_VALUE, 1e9, initial)
                .orElse(1.0);
        Optional<Long> maxPrompt = fields.integer("maxPromptTokens", 1, 1_000_000_000);
        Optional<Long> maxCompletion = fields.integer("maxCompletionTokens", 1, 1_000_000_000);
        fields.end();
        return new Work.PerToken(prompt, completion, perRequest, maxPrompt, maxCompletion);
    }
}
