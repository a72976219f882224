package dev.weir.control.ledger;

import dev.weir.control.model.Config.Work;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
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
 * <p>An amount is owed once per call, by its call record, and only where the call completed; attempts, among them those
 * that were abandoned for a retry, carry none.
 *
 * @param work work units, {@code >= 0}, finite; 0 = unknown (no usage seen, or no such pool)
 * @param amountMilli 1/1000 atomic unit; empty = nothing owed
 * @param overflow true when the amount does not fit in 63 bits: it stays empty, price and work still tell it
 */
record Valuation(double work, Optional<Long> amountMilli, boolean overflow) {
    private static final BigInteger MAX = BigInteger.valueOf(Long.MAX_VALUE);

    /** {@code work} is how the record's pool counts; null = there is no such pool now. */
    static Valuation of(AccessRecord record, @Nullable Work work) {
        BigDecimal units = units(record.usage(), work);
        double rounded = units.doubleValue();
        boolean owed = record.kind() == Kind.CALL && record.completed() && record.price() >= 0 && units.signum() > 0;
        if (!owed) {
            return new Valuation(rounded, Optional.empty(), false);
        }
        BigInteger amount = units.multiply(BigDecimal.valueOf(record.price()))
                .setScale(0, RoundingMode.HALF_EVEN)
                .toBigInteger();
        return amount.compareTo(MAX) > 0
                ? new Valuation(rounded, Optional.empty(), true)
                : new Valuation(rounded, Optional.of(amount.longValueExact()), false);
    }

    private static BigDecimal units(@Nullable Usage usage, @Nullable Work work) {
        if (work instanceof Work.PerRequest) {
            return BigDecimal.ONE;
        }
        if (work instanceof Work.PerToken perToken && usage != null) {
            return tokens(usage.promptTokens(), perToken.perPromptToken())
                    .add(tokens(usage.completionTokens(), perToken.perCompletionToken()));
        }
        return BigDecimal.ZERO;
    }

    private static BigDecimal tokens(long count, double workPerToken) {
        return BigDecimal.valueOf(Math.max(0, count)).multiply(BigDecimal.valueOf(workPerToken));
    }
}
