package dev.weir.weights.escrow;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The money of waiting lots, atomic units, exact: {@code deposited = paid + refunded + burned + open}, after every call.
 *
 * <p>A lot is settled once: its price is paid out of what {@link Demurrage} left of its deposit, the rest goes back to its
 * payer, and what decayed is burned: neither provider nor operator gains by letting it wait. A lot's grace starts with its
 * deposit and belongs to the lot, so taking money out and in again gains no time. No operation touches another lot.
 */
public final class EscrowBook {
    private final Demurrage demurrage;
    private final BigInteger least;
    private final Map<String, Deposit> open = new LinkedHashMap<>();
    private BigInteger deposited = BigInteger.ZERO;
    private BigInteger paid = BigInteger.ZERO;
    private BigInteger refunded = BigInteger.ZERO;
    private BigInteger burned = BigInteger.ZERO;
    private BigInteger openSum = BigInteger.ZERO;

    /**
     * @param amount atomic units
     * @param createdMinute when
     */
    private record Deposit(BigInteger amount, long createdMinute) {}

    /**
     * @param paid to the provider
     * @param refunded to the payer
     * @param burned decayed
     */
    public record Settlement(BigInteger paid, BigInteger refunded, BigInteger burned) {}

    /** @param least smallest deposit, against dust */
    public EscrowBook(Demurrage demurrage, BigInteger least) {
        this.demurrage = demurrage;
        this.least = least;
    }

    /** Takes a lot's deposit. Refuses one below the least and a lot that has one. */
    public void deposit(String lot, BigInteger amount, long nowMinute) {
        if (amount.compareTo(least) < 0 || amount.signum() <= 0) {
            throw new IllegalArgumentException("amount: " + amount + " (expected: at least " + least + ")");
        }
        if (open.putIfAbsent(lot, new Deposit(amount, nowMinute)) != null) {
            throw new IllegalArgumentException("lot: " + lot + " (expected: one without a deposit)");
        }
        deposited = deposited.add(amount);
        openSum = openSum.add(amount);
    }

    /**
     * Ends a lot, paying at most what is left of it.
     *
     * @param price what the provider is owed, {@code >= 0}; 0 = a refund
     */
    public Settlement settle(String lot, BigInteger price, long nowMinute) {
        if (price.signum() < 0) {
            throw new IllegalArgumentException("price: " + price + " (expected: 0 or more)");
        }
        Deposit deposit = open.remove(lot);
        if (deposit == null) {
            throw new IllegalArgumentException("lot: " + lot + " (expected: one with a deposit)");
        }
        BigInteger left = demurrage.left(deposit.amount(), deposit.createdMinute(), nowMinute);
        BigInteger toProvider = left.min(price);
        Settlement settlement = new Settlement(
                toProvider, left.subtract(toProvider), deposit.amount().subtract(left));
        openSum = openSum.subtract(deposit.amount());
        paid = paid.add(settlement.paid());
        refunded = refunded.add(settlement.refunded());
        burned = burned.add(settlement.burned());
        return settlement;
    }

    /** What a lot is still worth; 0 for one without a deposit. */
    public BigInteger left(String lot, long nowMinute) {
        Deposit deposit = open.get(lot);
        return deposit == null ? BigInteger.ZERO : demurrage.left(deposit.amount(), deposit.createdMinute(), nowMinute);
    }

    /** {@code deposited - paid - refunded - burned - open}: 0, always. */
    public BigInteger imbalance() {
        return deposited.subtract(paid).subtract(refunded).subtract(burned).subtract(openSum);
    }

    /** Deposits of lots that were not settled, undecayed. */
    public BigInteger open() {
        return openSum;
    }
}
