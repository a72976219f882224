package dev.weir.control.demo;

import dev.weir.control.ledger.Ledger;
import dev.weir.control.testbed.Fleet;
import dev.weir.xds.telemetry.AccessRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the demo says at its end, for people who have never seen it. */
final class Summary {
    private Summary() {}

    /**
     * Four lines when both policies were played: two of waits, one of calls without an answer, one of records.
     *
     * @param policies in the order played
     */
    static List<String> lines(Story story, Map<String, Figures> policies) {
        List<String> lines = new ArrayList<>();
        policies.forEach((policy, figures) -> lines.add(waits(story, policy, figures.traffic())));
        lines.add("Without an answer at the end: "
                + each(
                        policies,
                        figures -> figures.traffic().unfinished() + " of "
                                + figures.traffic().offered() + " calls")
                + "; refused or failed: "
                + each(
                        policies,
                        figures -> Long.toString(
                                figures.traffic().refused() + figures.traffic().failed()))
                + ".");
        policies.forEach((policy, figures) -> {
            if (figures.records().bounced() > 0 || figures.traffic().refused() > 0) {
                lines.add(turnedAway(policy, figures));
            }
        });
        lines.add("The ledger holds " + each(policies, figures -> records(figures.records())) + ".");
        return lines;
    }

    /** What the largest provider's share did, as the end of a sentence; empty when nothing happened. */
    static String largest(Story story, Performance.Outcome outcome) {
        if (story.event() == Story.Event.NONE) {
            return "";
        }
        Figures.Traffic traffic = outcome.traffic();
        String reaction = traffic.reactionMillis().isPresent()
                ? "fell to 70 % of the former after " + traffic.reactionMillis().getAsLong() + " ms"
                : "stayed";
        return String.format(
                Locale.ROOT,
                "; the share of %s %s%s and was %.0f %% of the former at the end",
                Fleet.LARGEST,
                reaction,
                story.event() == Story.Event.STALL ? below3Percent(story, outcome) : "",
                100 * traffic.shareBack());
    }

    private static String below3Percent(Story story, Performance.Outcome outcome) {
        OptionalLong gone =
                outcome.shares().fallsTo(Fleet.LARGEST, 0.03, story.eventNanos(), story.recoveryNanos(), 500_000_000L);
        return gone.isPresent()
                ? String.format(Locale.ROOT, ", to 3 %% of all calls after %.1f s", gone.getAsLong() / 1e9)
                : "";
    }

    private static String turnedAway(String policy, Figures figures) {
        Figures.Traffic traffic = figures.traffic();
        Figures.Records records = figures.records();
        String told = traffic.refused() == 0
                ? "no call was turned away"
                : String.format(
                        Locale.ROOT,
                        "%.0f %% of all calls were told to come back (429), after %s on average",
                        100.0 * traffic.refused() / Math.max(1, traffic.offered()),
                        millis(traffic.meanRetryAfter()));
        return String.format(
                Locale.ROOT,
                "With %s %s; per call %.2f attempts reached a provider and %.2f were sent on to another one.",
                policy,
                told,
                records.attemptsPerCall(),
                records.bounced() / (double) Math.max(1, records.calls()));
    }

    private static String waits(Story story, String policy, Figures.Traffic traffic) {
        String slow = traffic.meanWaitWhileSlow().isPresent()
                ? String.format(
                        Locale.ROOT,
                        "; %s while %s %s",
                        millis(traffic.meanWaitWhileSlow().getAsDouble()),
                        Fleet.LARGEST,
                        story.event() == Story.Event.SLOW ? "was slow" : "stood still")
                : "";
        return String.format(
                Locale.ROOT,
                "%s a call waited %s on average, one in a hundred longer than %s%s.",
                policy.equals(DemoOptions.WRR) ? "With fixed weights (wrr)" : "With " + policy,
                millis(traffic.meanWait()),
                millis(traffic.p99Wait()),
                slow);
    }

    private static String each(Map<String, Figures> policies, Function<Figures, String> text) {
        return policies.entrySet().stream()
                .map(entry -> text.apply(entry.getValue()) + " with " + entry.getKey())
                .collect(Collectors.joining(", "));
    }

    private static String records(Figures.Records records) {
        boolean exact = records.missing() == 0
                && records.extra() == 0
                && records.tokensInLedger() == records.tokensAtProviders();
        return records.attemptsInLedger() + " attempts and " + records.tokensInLedger() + " tokens ("
                + (exact
                        ? "exactly what the providers counted"
                        : records.missing() + " records missing, " + records.extra() + " too many, "
                                + records.tokensAtProviders() + " tokens counted by the providers")
                + ")";
    }

    /** A call's row, field by field. */
    static List<String> row(Ledger.Row row) {
        AccessRecord record = row.record();
        AccessRecord.Usage usage = record.answer().usage();
        List<String> lines = new ArrayList<>();
        lines.add("request id " + record.identity().requestId() + ", sidecar "
                + record.identity().sidecar() + ", pool " + record.route().pool() + ", provider "
                + record.route().provider() + ", attempts " + record.identity().attempt());
        lines.add("status " + record.outcome().status() + ", epoch "
                + record.route().epoch() + ", price " + record.route().price() + " (number "
                + record.route().priceNumber() + "), work " + row.work() + ", amount "
                + row.amountMilli().map(amount -> amount + "/1000 atomic units").orElse("nothing owed"));
        lines.add("tokens "
                + (usage == null
                        ? "not seen"
                        : usage.promptTokens() + " + " + usage.completionTokens() + " = " + usage.totalTokens())
                + ", duration " + millis(record.timing().durationMicros() / 1e3) + ", first byte after "
                + millis(record.timing().firstByteMicros() / 1e3) + ", bytes "
                + record.request().bytesReceived() + " in, "
                + record.answer().bytesSent() + " out");
        return lines;
    }

    /** How to use the mesh that stays up, to be pasted. */
    static List<String> snippet(int port) {
        return List.of(
                "from openai import OpenAI          # pip install openai",
                "client = OpenAI(base_url=\"http://127.0.0.1:" + port + "/v1\", api_key=\"unused\")",
                "answer = client.chat.completions.create(",
                "    model=\"" + Fleet.MODEL
                        + "\", messages=[{\"role\": \"user\", \"content\": \"What does a weir do?\"}])",
                "print(answer.choices[0].message.content, answer.usage)");
    }

    private static String millis(double millis) {
        return millis >= 1000
                ? String.format(Locale.ROOT, "%.1f s", millis / 1000)
                : String.format(Locale.ROOT, millis >= 10 ? "%.0f ms" : "%.1f ms", millis);
    }
}
