package dev.weir.weights.escrow;

import java.math.BigInteger;

/**
 * What is left of money that nobody claims: whole for a time of grace, then halved with each half-life.
 *
 * <pre>
 *   I(n)   = r^n by binary powers, each product floor(x y / 10^27); n = whole minutes since the grace ended; I(0) = 10^27
 *   left   = floor(amount I(n) / 10^27)</pre>
 *
 * The value depends on the deposit and the minute only, not on who looked when: nothing is stored that a look could change.
 * Only +, *, floor-division of non-negative integers, so a contract computes the same integers. Decay cleans up abandoned
 * deposits; it goes to nobody who can delay service.
 */
public final class Demurrage {
    /** Fixed point: 10^27. */
    public static final BigInteger RAY = BigInteger.TEN.pow(27);

    private final BigInteger perMinute;
    private final long graceMinutes;

    /**
     * @param halfLifeMinutes {@code >= 1}
     * @param graceMinutes {@code >= 0}
     */
    public Demurrage(long halfLifeMinutes, long graceMinutes) {
        if (halfLifeMinutes < 1 || graceMinutes < 0) {
            throw new IllegalArgumentException("halfLifeMinutes, graceMinutes: " + halfLifeMinutes + ", " + graceMinutes
                    + " (expected: at least 1, at least 0)");
        }
        this.perMinute = root(halfLifeMinutes);
        this.graceMinutes = graceMinutes;
    }

    /** The largest {@code r} whose power is at most one half. */
    private static BigInteger root(long halfLifeMinutes) {
        BigInteger half = RAY.shiftRight(1);
        BigInteger low = BigInteger.ZERO;
        BigInteger high = RAY;
        while (high.subtract(low).compareTo(BigInteger.ONE) > 0) {
            BigInteger middle = low.add(high).shiftRight(1);
            if (power(middle, halfLifeMinutes).compareTo(half) <= 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static BigInteger power(BigInteger base, long exponent) {
        BigInteger result = RAY;
        BigInteger square = base;
        for (long left = exponent; left > 0; left >>= 1) {
            if ((left & 1) == 1) {
                result = result.multiply(square).divide(RAY);
            }
            square = square.multiply(square).divide(RAY);
        }
        return result;
    }

    /**
     * @param amount {@code >= 0}, atomic units
     * @param createdMinute when the deposit was made
     * @param nowMinute a time before the deposit counts as that of the deposit
     * @return what is left, {@code 0 .. amount}, never more at a later minute
     */
    public BigInteger left(BigInteger amount, long createdMinute, long nowMinute) {
        long minutes = nowMinute - createdMinute - graceMinutes;
        return minutes <= 0
                ? amount
                : amount.multiply(power(perMinute, minutes)).divide(RAY);
    }
}
