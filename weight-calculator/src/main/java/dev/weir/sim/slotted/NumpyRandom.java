package dev.weir.sim.slotted;

import java.math.BigInteger;

/**
 * The uniform numbers of NumPy's {@code default_rng(seed)}: PCG64 (O'Neill's XSL-RR 128/64) seeded through SeedSequence. With
 * it an experiment that was published with NumPy is repeated on the very numbers it drew.
 */
public final class NumpyRandom {
    private static final BigInteger MULTIPLIER = new BigInteger("2360ED051FC65DA44385DF649FCCF645", 16);
    private static final BigInteger MASK = BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE);
    private static final int POOL = 4;

    private final BigInteger increment;
    private BigInteger state;

    /** @param seed {@code >= 0} */
    public NumpyRandom(int seed) {
        long[] words = words(pool(seed));
        BigInteger start = join(words[0], words[1]);
        increment = join(words[2], words[3]).shiftLeft(1).or(BigInteger.ONE).and(MASK);
        state = BigInteger.ZERO;
        step();
        state = state.add(start).and(MASK);
        step();
    }

    /** Uniform in [low, high). */
    public double uniform(double low, double high) {
        return low + (high - low) * next();
    }

    private double next() {
        step();
        long high = state.shiftRight(64).longValue();
        long low = state.longValue();
        long out = Long.rotateRight(high ^ low, (int) (high >>> 58));
        return (out >>> 11) * 0x1.0p-53;
    }

    private void step() {
        state = state.multiply(MULTIPLIER).add(increment).and(MASK);
    }

    private static BigInteger join(long high, long low) {
        return unsigned(high).shiftLeft(64).or(unsigned(low));
    }

    private static BigInteger unsigned(long word) {
        return new BigInteger(Long.toUnsignedString(word));
    }

    private static int[] pool(int seed) {
        int[] constant = {0x43b0d7e5};
        int[] pool = new int[POOL];
        for (int i = 0; i < POOL; i++) {
            pool[i] = hash(i == 0 ? seed : 0, constant);
        }
        for (int from = 0; from < POOL; from++) {
            for (int to = 0; to < POOL; to++) {
                if (from != to) {
                    int mixed = 0xca01f9dd * pool[to] - 0x4973f715 * hash(pool[from], constant);
                    pool[to] = mixed ^ (mixed >>> 16);
                }
            }
        }
        return pool;
    }

    private static int hash(int value, int[] constant) {
        int hashed = value ^ constant[0];
        constant[0] *= 0x931e8875;
        hashed *= constant[0];
        return hashed ^ (hashed >>> 16);
    }

    private static long[] words(int[] pool) {
        int constant = 0x8b51f9dd;
        long[] words = new long[4];
        for (int i = 0; i < 8; i++) {
            int data = pool[i % POOL] ^ constant;
            constant *= 0x58f38ded;
            data *= constant;
            data ^= data >>> 16;
            words[i / 2] |= (data & 0xffffffffL) << (32 * (i % 2));
        }
        return words;
    }
}
