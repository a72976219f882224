package dev.weir.weights.price;

/**
 * The base price of one pool: an exponential integral controller.
 *
 * <pre>  X    <- clamp( X + (dt / tau_p) clamp(u / u* - 1, -1, 1), 0, ln 1000 )
 *   price = p_min e^X       atomic units per 1 000 work units</pre>
 *
 * {@code u} is the pool's utilisation, {@code u*} where the price rests. With elapsed time in the step, the price does not
 * depend on how often it is computed. {@code X} is a scaled virtual queue of the work above target, so the price is the
 * exponential of a dual variable (EIP-4844; Neely, "Stochastic Network Optimization", 2010). Stable while {@code tau_p}
 * is long against the demand's lag times its elasticity (docs/theory.md).
 *
 * <p>{@code X} is kept in units of 1e-18, so that steps far below one atomic unit add up exactly and the same way
 * everywhere. A gap longer than 2 s counts as 2 s: what happened in it is not known.
 */
public final class PriceController {
    /** Highest multiple of the minimum price. */
    public static final double CEILING = 1000;

    private static final double UNIT = 1e18;
    private static final double MAX_STEP_SECONDS = 2;
    private static final long X_MAX = (long) (StrictMath.log(CEILING) * UNIT);

    private final double targetUtilisation;
    private final double tau;
    private long x;

    /**
     * @param targetUtilisation {@code u*}, {@code > 0}
     * @param tau {@code tau_p}, seconds, {@code > 0}
     * @param logPrice {@code X} to start from; what is no number in range is brought into it
     */
    public PriceController(double targetUtilisation, double tau, double logPrice) {
        this.targetUtilisation = targetUtilisation;
        this.tau = tau;
        this.x = logPrice > 0 ? (long) Math.min((double) X_MAX, logPrice * UNIT) : 0;
    }

    /**
     * @param utilisation {@code u >= 0}
     * @param dt seconds since the step before
     */
    public void step(double utilisation, double dt) {
        if (!(dt > 0) || Double.isNaN(utilisation)) {
            return;
        }
        double error = Math.max(-1, Math.min(1, utilisation / targetUtilisation - 1));
        long step = Math.round(Math.min(dt, MAX_STEP_SECONDS) / tau * error * UNIT);
        x = Math.max(0, Math.min(X_MAX, x + step));
    }

    /** The price as its logarithm, {@code X}. */
    public double logPrice() {
        return x / UNIT;
    }

    /** @return atomic units per 1 000 work units, unrounded, {@code >= minPrice} */
    public double price(long minPrice) {
        return minPrice * StrictMath.exp(logPrice());
    }
}
