package dev.weir.weights.price;

import java.util.List;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * Which prices of a pool are out: the base price and each member's, whole atomic units per 1 000 work units.
 *
 * <p>New ones go out when the interval since the last has passed and at least one moved by 1 % and by three quarters of a
 * unit. The second bar lets a price of 1 move to 2 (at 1.75) and back (at 1.25) without flicker in between.
 *
 * <p>They are announced first and published when whoever is to be paid by them can't forget them: until then those before stay
 * in force, and no others are announced.
 */
public final class PublishedPrice {
    private static final double RELATIVE = 0.01;
    private static final double UNITS = 0.75;

    private final double intervalSeconds;
    private Prices inForce;
    private @Nullable Prices announced;
    private double age;

    /**
     * Prices that are out together.
     *
     * @param number of the publication, {@code >= 1}
     * @param base the pool's
     * @param member per member
     */
    public record Prices(long number, long base, List<Long> member) {
        public Prices {
            member = List.copyOf(member);
        }
    }

    /**
     * @param intervalSeconds least time between two publications
     * @param inForce what is out
     * @param announced what comes next; null = nothing
     */
    public PublishedPrice(double intervalSeconds, Prices inForce, @Nullable Prices announced) {
        this.intervalSeconds = intervalSeconds;
        this.inForce = inForce;
        this.announced = announced;
    }

    /** Takes note that {@code dt} seconds have passed. */
    public void age(double dt) {
        age += dt;
    }

    /**
     * Whether new prices are due to be announced.
     *
     * @param exactBase unrounded
     * @param exactMember unrounded, per member
     */
    public boolean due(double exactBase, double[] exactMember) {
        if (age < intervalSeconds || announced != null) {
            return false;
        }
        boolean moved = moved(inForce.base, exactBase);
        for (int i = 0; i < exactMember.length && !moved; i++) {
            moved = moved(inForce.member.get(i), exactMember[i]);
        }
        return moved;
    }

    /** Announces the nearest whole prices: they are the next to be out. */
    public void announce(double exactBase, double[] exactMember) {
        List<Long> member =
                DoubleStream.of(exactMember).mapToObj(PublishedPrice::whole).toList();
        announced = new Prices(inForce.number + 1, whole(exactBase), member);
    }

    /** Takes note that what was announced is out. */
    public void publish() {
        if (announced == null) {
            throw new IllegalStateException("no price is announced");
        }
        inForce = announced;
        announced = null;
        age = 0;
    }

    public Prices inForce() {
        return inForce;
    }

    public @Nullable Prices announced() {
        return announced;
    }

    /** The nearest whole price, at least 1. */
    public static long whole(double exact) {
        return Math.max(1, Math.round(exact));
    }

    private static boolean moved(long published, double exact) {
        return Math.abs(exact - published) >= Math.max(UNITS, RELATIVE * published);
    }
}
