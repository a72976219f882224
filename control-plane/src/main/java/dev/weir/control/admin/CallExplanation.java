package dev.weir.control.admin;

import dev.weir.control.ledger.Ledger.Row;
import dev.weir.control.ledger.Valuation;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.GrantFacts;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Tells a call in words: what was chosen and among what, where it went, how it ended and what it cost. */
final class CallExplanation {
    private final List<String> lines = new ArrayList<>();

    private CallExplanation() {}

    /**
     * Lines of plain text; two spaces in front of what belongs to the line above.
     *
     * @param call the call as stored
     * @param attempts its attempts, by number
     */
    static List<String> of(Row call, List<Row> attempts) {
        CallExplanation explanation = new CallExplanation();
        explanation.title(call.record());
        explanation.chosen(call.record());
        explanation.attempts(call.record(), attempts);
        explanation.cost(call);
        return List.copyOf(explanation.lines);
    }

    private void title(AccessRecord call) {
        line(
                "Call %s came to sidecar %s at %s and took %s.",
                call.identity().requestId(),
                call.identity().sidecar(),
                Instant.EPOCH.plus(call.timing().startMicros(), ChronoUnit.MICROS),
                micros(call.timing().durationMicros()));
        line(
                "  %s %s%s",
                call.request().method(),
                call.request().path(),
                call.request().model().isEmpty()
                        ? ""
                        : ", model " + call.request().model());
        line(
                "  It ended with %s%s.",
                status(call),
                call.route().provider().isEmpty() ? "" : " from " + call.route().provider());
        if (call.outcome().failed()) {
            line("  The answer itself says that it is an error, so the call counts as failed whatever its status.");
        }
        if (!call.outcome().flags().isEmpty() || !call.outcome().details().isEmpty()) {
            line(
                    "  Envoy says: %s",
                    (call.outcome().details() + " " + call.outcome().flags()).strip());
        }
    }

    private void chosen(AccessRecord call) {
        line("");
        line("How its provider was chosen");
        if (call.route().pool().isEmpty()) {
            line("  It matched no pool.");
            return;
        }
        line(
                "  Pool %s, %s.",
                call.route().pool(),
                call.route().epoch().isEmpty()
                        ? "decision unknown"
                        : "decision " + call.route().epoch());
        GrantFacts check = call.check();
        if (check == null) {
            line(
                    "  No check granted it: it was drawn from the split of that decision, as in a governed pool all but a few are while it"
                            + " is handed over (weir_pool_handed_over), and those whose check has no answer.");
            return;
        }
        line(
                "  The check read decision %s, price %d, and granted reservation %s%s.",
                check.epoch(),
                check.price(),
                check.reservation(),
                check.heldMicros() > 0 ? " after holding the call for " + micros(check.heldMicros()) : "");
        if (!check.pick().isEmpty()) {
            line("  It chose among these, by expected wait in ms, the choices first: %s", check.pick());
        }
    }

    private void attempts(AccessRecord call, List<Row> attempts) {
        line("");
        line("Its attempts");
        for (Row row : attempts) {
            AccessRecord attempt = row.record();
            line(
                    "  %d. %s: %s after %s.",
                    attempt.identity().attempt(),
                    attempt.route().provider().isEmpty()
                            ? "nobody"
                            : attempt.route().provider(),
                    attempt.outcome().bounced()
                            ? "refused by the provider's side, whose queue was too long"
                            : status(attempt),
                    micros(attempt.timing().durationMicros()));
        }
        if (attempts.isEmpty()) {
            line(
                    call.identity().attempt() == 0
                            ? "  None: it was answered without a provider."
                            : "  None is stored (yet).");
        }
    }

    private void cost(Row call) {
        line("");
        line("What it counts");
        AccessRecord record = call.record();
        String work = "work units: " + ExplanationText.number(call.work());
        line(
                "  %s%s",
                work.substring(0, 1).toUpperCase(Locale.ROOT) + work.substring(1),
                record.route().price() < 0
                        ? "; no price, as nobody was called."
                        : ", price " + record.route().price() + " per 1 000 (number "
                                + record.route().priceNumber() + ").");
        Valuation value = call.value();
        value.estimate()
                .ifPresent(tokens -> line(
                        "  The provider did not count all of it (%s): by the size of what was delivered, %d prompt and %d completion tokens.",
                        record.completed() ? "it reports nothing" : "it was cut",
                        tokens.promptTokens(),
                        tokens.completionTokens()));
        value.doubt().ifPresent(doubt -> line("  In doubt: %s, so nothing is owed by it.", doubt.words()));
        line("  Owed: %s", amount(call) == null ? "nothing." : amount(call) + " atomic units.");
        line(
                call.fromFile()
                        ? "  The sidecar's file, the record of truth, has confirmed it."
                        : "  The sidecar's file has not confirmed it yet.");
    }

    private static @Nullable String amount(Row call) {
        return call.amountMilli()
                .map(milli -> BigDecimal.valueOf(milli, 3).stripTrailingZeros().toPlainString())
                .orElse(null);
    }

    private static String status(AccessRecord record) {
        String status = record.outcome().status() == 0
                ? "no status"
                : "status " + record.outcome().status();
        return record.outcome().whole() ? status : status + ", cut";
    }

    private static String micros(long micros) {
        return ExplanationText.seconds(micros / 1e6);
    }

    private void line(String format, Object... arguments) {
        lines.add(arguments.length == 0 ? format : String.format(Locale.ROOT, format, arguments));
    }
}
