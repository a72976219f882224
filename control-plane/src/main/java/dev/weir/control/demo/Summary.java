package dev.weir.control.demo;

import dev.weir.control.ledger.Ledger;
import dev.weir.xds.telemetry.AccessRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What the demo says at its end, for people who have never seen it. */
final class Summary {
    private Summary() {}

    /**
     * Four lines when both policies were played: two of latencies, one of unfinished calls, one of records.
     *
     * @param policies in the order played
     */
    static List<String> lines(Map<String, Figures> policies) {
        List<String> lines = new ArrayList<>();
        policies.forEach((policy, figures) -> lines.add(latency(policy, figures.traffic())));
        lines.add("Calls refused, failed or unfinished at the end: "
                + policies.entrySet().stream()
                        .map(entry -> trouble(entry.getKey(), entry.getValue().traffic()))
                        .collect(Collectors.joining("; "))
                + ".");
        lines.add("The ledger holds "
                + policies.entrySet().stream()
                        .map(entry -> records(entry.getKey(), entry.getValue().records()))
                        .collect(Collectors.joining("; "))
                + ".");
        return lines;
    }

    private static String latency(String policy, Figures.Traffic traffic) {
        String slow = traffic.meanWaitWhileSlow().isPresent()
                ? String.format(
                        Locale.ROOT,
                        "; while %s was in trouble they waited %s",
                        Fleet.LARGEST,
                        millis(traffic.meanWaitWhileSlow().getAsDouble()))
                : "";
        return String.format(
                Locale.ROOT,
                "%-13s calls waited %s on average, 1 in 100 more than %s%s.",
                policy + ":",
                millis(traffic.meanWait()),
                millis(traffic.p99Wait()),
                slow);
    }

    private static String trouble(String policy, Figures.Traffic traffic) {
        return String.format(
                Locale.ROOT,
                "%s %d, %d and %d of %d",
                policy,
                traffic.refused(),
                traffic.failed(),
                traffic.unfinished(),
                traffic.offered());
    }

    private static String records(String policy, Figures.Records records) {
        boolean exact = records.missing() == 0
                && records.extra() == 0
                && records.tokensInLedger() == records.tokensAtProviders();
        return String.format(
                Locale.ROOT,
                "%s %d attempts with %d tokens, %s",
                policy,
                records.attemptsInLedger(),
                records.tokensInLedger(),
                exact
                        ? "exactly what the providers counted"
                        : records.missing() + " records missing, " + records.extra() + " too many, "
                                + records.tokensAtProviders() + " tokens counted by the providers");
    }

    /** A call's row, field by field. */
    static List<String> row(Ledger.Row row) {
        AccessRecord record = row.record();
        AccessRecord.Usage usage = record.usage();
        List<String> lines = new ArrayList<>();
        lines.add("request id " + record.requestId() + ", sidecar " + record.sidecar() + ", pool " + record.pool()
                + ", provider " + record.provider() + ", attempts " + record.attempt());
        lines.add("status " + record.status() + ", epoch " + record.epoch() + ", price " + record.price() + " (number "
                + record.priceNumber() + "), work " + row.work() + ", amount "
                + row.amountMilli().map(amount -> amount + "/1000 atomic units").orElse("nothing owed"));
        lines.add("tokens "
                + (usage == null
                        ? "not seen"
                        : usage.promptTokens() + " + " + usage.completionTokens() + " = " + usage.totalTokens())
                + ", duration " + millis(record.durationMicros() / 1e3) + ", first byte after "
                + millis(record.firstByteMicros() / 1e3) + ", bytes " + record.bytesReceived() + " in, "
                + record.bytesSent() + " out");
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
