package dev.weir.sim.policy;

import dev.weir.sim.Scenario;
import dev.weir.weights.pick.LeastWait;

/**
 * The choice of governed mode: the provider with the least expected wait {@code (N + 1 - s) / mu}. {@code N} are the grants less
 * the ends that were heard of; the slow loop tells which providers are stalled and what each is trusted with.
 */
final class GovernedChoice {
    private final LeastWait choice;
    private final int[] slots;

    /** Trusts every provider with what it declared. */
    GovernedChoice(Scenario scenario) {
        slots = scenario.providers().stream().mapToInt(Scenario.Provider::slots).toArray();
        choice = new LeastWait(slots.length);
        for (int k = 0; k < slots.length; k++) {
            open(k, scenario.providers().get(k).declaredCapacity());
        }
    }

    /** What the slow loop found out. */
    void answered(Answer answer) {
        for (int k = 0; k < slots.length; k++) {
            if (answer.open(k) && answer.capacity(k) > 0) {
                open(k, answer.capacity(k));
            } else {
                choice.close(k);
            }
        }
    }

    private void open(int provider, double capacity) {
        choice.setState(provider, slots[provider], slots[provider], capacity, 1, 1, true);
    }

    /** The best of {@code members} but {@code failed}; {@link LeastWait#NONE} where none is open. */
    int best(int[] members, int failed) {
        choice.choose(members, members.length, failed);
        return choice.first();
    }

    /** Grants per slot. */
    double filled(int provider) {
        return (double) choice.granted(provider) / slots[provider];
    }

    void grant(int provider) {
        choice.grant(provider);
    }

    void end(int provider) {
        choice.end(provider);
    }
}
