package dev.weir.weights.price;

/**
 * Which prices of a pool are out: the base price and each member's, whole atomic units per 1 000 work units.
 *
 * <p>New ones go out when the interval since the last has passed and at least one moved by 1 % and by three quarters of a
 * unit. The second bar lets a price of 1 move to 2 (at 1.75) and back (at 1.25) without flicker in between.
 */
public final class PublishedPrice {
    private static final double RELATIVE = 0.01;
    private static final double UNITS = 0.75;

    private final double intervalSeconds;
    private long base;
    private long[] member;
    private long number;
    private double age;

    /**
     * @param intervalSeconds least time between two publications
     * @param base in force
     * @param member in force, per member
     * @param number of the publication in force, {@code >= 1}
     */
    public PublishedPrice(double intervalSeconds, long base, long[] member, long number) {
        this.intervalSeconds = intervalSeconds;
        this.base = base;
        this.member = member.clone();
        this.number = number;
    }

    /** Takes note that {@code dt} seconds have passed. */
    public void age(double dt) {
        age += dt;
    }

    /**
     * Whether new prices are due.
     *
     * @param exactBase unrounded
     * @param exactMember unrounded, per member
     */
    public boolean due(double exactBase, double[] exactMember) {
        if (age < intervalSeconds) {
            return false;
        }
        boolean moved = moved(base, exactBase);
        for (int i = 0; i < member.length && !moved; i++) {
            moved = moved(member[i], exactMember[i]);
        }
        return moved;
    }

    /** Takes note that these prices were published. */
    public void publish(double exactBase, double[] exactMember) {
        base = whole(exactBase);
        for (int i = 0; i < member.length; i++) {
            member[i] = whole(exactMember[i]);
        }
        number++;
        age = 0;
    }

    public long base() {
        return base;
    }

    public long member(int i) {
        return member[i];
    }

    public long number() {
        return number;
    }

    /** The nearest whole price, at least 1. */
    public static long whole(double exact) {
        return Math.max(1, Math.round(exact));
    }

    private static boolean moved(long published, double exact) {
        return Math.abs(exact - published) >= Math.max(UNITS, RELATIVE * published);
    }
}
