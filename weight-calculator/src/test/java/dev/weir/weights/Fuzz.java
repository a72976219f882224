package dev.weir.weights;

import dev.weir.weights.Observation.MemberInput;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Observation.ProviderInput;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Seeded observations, most of them sane, some absurd; and a program that prints what the calculator makes of them. */
final class Fuzz {
    private static final double[] ABSURD = {
        Double.NaN, -1, 0, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e308, Double.MIN_VALUE, -0.0, 1e-300
    };
    private static final long[] ABSURD_COUNTS = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1_000_000_000_000L, 0};

    private final SplittableRandom random;
    private final double absurdity;
    private int providers;
    private int pools;
    private long now = 1_000_000_000L;

    /** @param absurdity share of values that are absurd */
    Fuzz(long seed, double absurdity) {
        this.random = new SplittableRandom(seed);
        this.absurdity = absurdity;
        reshape();
    }

    private void reshape() {
        providers = random.nextInt(9);
        pools = random.nextInt(4);
    }

    private boolean absurd() {
        return random.nextDouble() < absurdity;
    }

    private double real(double sane) {
        return absurd() ? ABSURD[random.nextInt(ABSURD.length)] : sane;
    }

    private long count(double mean) {
        return absurd() ? ABSURD_COUNTS[random.nextInt(ABSURD_COUNTS.length)] : (long) (2 * mean * random.nextDouble());
    }

    Observation next() {
        if (random.nextInt(50) == 0) {
            reshape();
        }
        now += absurd() ? random.nextLong() : (long) (2 * MeshFake.TICK * random.nextDouble());
        List<ProviderInput> providerInputs = new ArrayList<>();
        for (int k = 0; k < providers; k++) {
            String id = "p" + (absurd() ? random.nextInt(9) : k);
            long age = absurd() ? random.nextLong() : random.nextInt(400_000_000);
            int slots = absurd() ? random.nextInt() : 1 + random.nextInt(20);
            double declared = real(1 + 200 * random.nextDouble());
            // some declare nothing, some figures are guesses
            double claimed = k % 3 == 2 ? 0 : declared;
            double most = k % 3 == 0 ? declared : real(1e12);
            providerInputs.add(new ProviderInput(id, claimed, most, slots, age, 0));
        }
        List<PoolInput> poolInputs = new ArrayList<>();
        for (int t = 0; t < pools; t++) {
            List<MemberInput> members = new ArrayList<>();
            for (int k = 0; k < providers; k++) {
                if (random.nextInt(4) > 0) {
                    boolean retryOnly = random.nextInt(10) == 0;
                    long completions = random.nextInt(5) == 0 ? 0 : count(10);
                    members.add(new MemberInput(
                            "p" + (absurd() ? random.nextInt(12) : k),
                            count(10),
                            count(10),
                            completions,
                            random.nextInt(5) == 0 ? count(10) : 0,
                            retryOnly,
                            random.nextInt(8) == 0 ? random.nextInt() : 0,
                            real(completions * random.nextDouble()),
                            real(completions * random.nextDouble()),
                            random.nextInt(20) == 0 ? count(5) : 0,
                            random.nextInt(20) == 0 ? count(5) : 0));
                }
            }
            poolInputs.add(new PoolInput("t" + t, members, absurd() ? random.nextLong() : 100, real(1)));
        }
        return new Observation(now, random.nextInt(20) == 0, poolInputs, providerInputs);
    }

    /** Digest of everything that a calculator proposes on a seeded run. */
    static String digest(long seed, int ticks, @Nullable Proposal restored) {
        Fuzz fuzz = new Fuzz(seed, 0.01);
        Calculator calculator = new Calculator(Settings.DEFAULTS, restored);
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (int tick = 0; tick < ticks; tick++) {
                Proposal proposal = calculator.tick(fuzz.next());
                // a record's text has every number's shortest exact form, so equal digests are equal bits
                String text = proposal.pools() + " " + proposal.providers() + " "
                        + proposal.release().released() + proposal.release().savedSeconds();
                digest.update(text.getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    public static void main(String[] args) {
        System.out.println(digest(Long.parseLong(args[0]), Integer.parseInt(args[1]), null));
    }
}
