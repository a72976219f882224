package dev.weir.control.ledger;

import dev.weir.control.model.Work;
import dev.weir.control.usage.Doubt;
import dev.weir.control.usage.Estimates;
import dev.weir.control.usage.Estimates.Tokens;
import dev.weir.control.usage.TokenBounds;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Content;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a record is worth.
 *
 * <pre>
 *   work   = 1 per request, or prompt tokens x a + completion tokens x b     [work units]
 *   amount = price x work                                                    [1/1000 atomic unit]
 * </pre>
 *
 * <p>A price is in atomic units per 1 000 work units, so price times work is the amount in thousandths of an atomic unit;
 * it is an integer whenever work is. Fractional work is computed in decimal and the amount rounded half to even, an error
 * of at most 1/2000 atomic unit. Nothing else is rounded before settlement.
 *
 * <p>An amount is owed once per call, by its call record; attempts, among them those that were abandoned for a retry, carry
 * none. Whose answer was cut owes what was delivered: tokens, or, where requests are counted, the request if it was the agent
 * who left. What a provider did not count is estimated; where its counts can't be, nothing is owed.
 *
 * @param work work units, {@code >= 0}, finite; 0 = unknown (counts in doubt, nothing delivered, or no such pool)
 * @param amountMilli 1/1000 atomic unit; empty = nothing owed
 * @param basis by what
 * @param doubt what of the record can't be
 * @param estimate tokens where {@code basis} is an estimate
 * @param overflow true when the amount does not fit in 63 bits: it stays empty, price and work still tell it
 */
public record Valuation(
        double work,
        Optional<Long> amountMilli,
        Basis basis,
        Optional<Doubt> doubt,
        Optional<Tokens> estimate,
        boolean overflow) {
    private static final BigInteger MAX = BigInteger.valueOf(Long.MAX_VALUE);
    /** Pieces of content that may lack in what a provider counts as it goes. */
    private static final int UNCOUNTED = 1;

    /** The basis of a record's worth. */
    public enum Basis {
        /** nothing: it is no call of a provider's, or not known */
        NOTHING,
        /** requests are counted */
        REQUEST,
        /** tokens as the provider counted them */
        REPORTED,
        /** tokens by the size of what was delivered */
        ESTIMATED;

        /** Its word, as stored and shown. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The word for what is not as the provider says; empty = nothing. */
    Optional<String> flag() {
        return doubt.map(Doubt::word).or(() -> basis == Basis.ESTIMATED ? Optional.of(basis.word()) : Optional.empty());
    }

    /** The value of a record that says what was never published. */
    static Valuation forged(Doubt doubt) {
        return nothing(BigDecimal.ZERO, Optional.of(doubt));
    }

    /** Whether its record counts for anything. */
    boolean counts() {
        return doubt.filter(Doubt::forged).isEmpty();
    }

    /** The value of a record; {@code work} is how the record's pool counts; null = there is no such pool now. */
    static Valuation of(AccessRecord record, @Nullable Work work, Estimates estimates) {
        if (work == null) {
            return nothing(BigDecimal.ZERO, Optional.empty());
        }
        boolean perRequest = work instanceof Work.PerRequest;
        if (record.identity().kind() == Kind.ATTEMPT) {
            return nothing(perRequest ? BigDecimal.ONE : BigDecimal.ZERO, Optional.empty());
        }
        Optional<Doubt> doubt = TokenBounds.exceeded(record, work);
        if (work instanceof Work.PerToken perToken) {
            return doubt.isPresent() ? nothing(BigDecimal.ZERO, doubt) : byTokens(record, perToken, estimates);
        }
        boolean left =
                record.outcome().flags().contains("DC") && record.answer().bytesSent() > 0;
        return answered(record) && (record.completed() || left)
                ? owed(record, BigDecimal.ONE, Basis.REQUEST, doubt, Optional.empty())
                : nothing(BigDecimal.ONE, doubt);
    }

    private static Valuation byTokens(AccessRecord record, Work.PerToken work, Estimates estimates) {
        if (!answered(record) || (!record.completed() && record.answer().bytesSent() == 0)) {
            return nothing(BigDecimal.ZERO, Optional.empty());
        }
        Usage usage = record.answer().usage();
        Content content = record.answer().content();
        if (usage != null && (content == null || content.pieces() - content.counted() <= UNCOUNTED)) {
            return owed(
                    record,
                    units(work, usage.promptTokens(), usage.completionTokens()),
                    Basis.REPORTED,
                    Optional.empty(),
                    Optional.empty());
        }
        if (usage == null && !record.request().method().equals("POST")) {
            return nothing(BigDecimal.ZERO, Optional.empty()); // asks for what was made before
        }
        Tokens tokens = estimates.of(record, work);
        return owed(
                record,
                units(work, tokens.promptTokens(), tokens.completionTokens()),
                Basis.ESTIMATED,
                Optional.empty(),
                Optional.of(tokens));
    }

    /** Whether a provider gave the answer, and no error. */
    private static boolean answered(AccessRecord record) {
        return record.outcome().status() >= 200
                && record.outcome().status() < 300
                && !record.outcome().failed()
                && !record.route().provider().isEmpty()
                && record.route().price() >= 0;
    }

    private static Valuation nothing(BigDecimal units, Optional<Doubt> doubt) {
        return new Valuation(units.doubleValue(), Optional.empty(), Basis.NOTHING, doubt, Optional.empty(), false);
    }

    private static Valuation owed(
            AccessRecord record, BigDecimal units, Basis basis, Optional<Doubt> doubt, Optional<Tokens> estimate) {
        BigInteger amount = units.multiply(BigDecimal.valueOf(record.route().price()))
                .setScale(0, RoundingMode.HALF_EVEN)
                .toBigInteger();
        boolean overflow = amount.compareTo(MAX) > 0;
        Optional<Long> milli =
                overflow || units.signum() == 0 ? Optional.empty() : Optional.of(amount.longValueExact());
        return new Valuation(units.doubleValue(), milli, basis, doubt, estimate, overflow);
    }

    private static BigDecimal units(Work.PerToken work, long promptTokens, long completionTokens) {
        return tokens(promptTokens, work.perPromptToken()).add(tokens(completionTokens, work.perCompletionToken()));
    }

    private static BigDecimal tokens(long count, double workPerToken) {
        return BigDecimal.valueOf(Math.max(0, count)).multiply(BigDecimal.valueOf(workPerToken));
    }
}
