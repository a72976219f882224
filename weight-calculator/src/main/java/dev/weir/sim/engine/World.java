package dev.weir.sim.engine;

import dev.weir.sim.Scenario;
import java.util.SplittableRandom;

/** What a policy may see and do. Exact state is for bounds only; an honest policy keeps books of what it was told. */
public interface World {
    Scenario scenario();

    /** Simulated seconds since the start. */
    double now();

    /** The policy's own random numbers: drawing them changes neither arrivals nor sizes. */
    SplittableRandom random();

    /** Requests at a provider, waiting or in service: exact and at once. */
    int inFlight(int provider);

    /** Calls {@link Policy#wake} with this code after some seconds. */
    void wakeIn(double seconds, int code);

    /** Requests of a pool that were held. */
    int held(int pool);

    /** Arrival of the oldest held request of a pool; infinite when there is none. */
    double oldestHeld(int pool);

    /** Sends the oldest held request of a pool to a provider. */
    void release(int pool, int provider);

    /** First attempts are refused at a provider while {@code N >= limit}. */
    void limitFirst(int provider, double limit);
}
