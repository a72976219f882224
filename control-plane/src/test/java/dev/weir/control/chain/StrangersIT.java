package dev.weir.control.chain;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.model.CapacitySource;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Declarations.Declaration;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What strangers do to a registry on a real anvil, while an honest provider declares something new as fast as it can: each
 * of its words counts, and none of them late. {@code -Dweir.full=true} makes it
 * ten thousand registrations and as many logs in a block.
 */
@Timeout(900)
final class StrangersIT {
    private static final int STRANGERS = Boolean.getBoolean("weir.full") ? 10_000 : 400;
    /** Logs that are more than an answer holds. */
    private static final int TOO_MANY = Math.max(3_000, STRANGERS);

    private static final int CONFIRMATIONS = 2;
    private static final Duration LATEST = Duration.ofSeconds(5);

    /** An honest provider that goes on declaring, and when each of its words was in a confirmed block. */
    private static final class Honest implements AutoCloseable {
        private final Map<Long, Long> confirmedMillis = new ConcurrentHashMap<>();
        private final AtomicBoolean stopping = new AtomicBoolean();
        private final Thread thread;
        /** Words are numbers from here on, so that none is what it was onboarded with. */
        private volatile long said = 1_000;

        private volatile String problem = "";

        Honest(DevChain chain, RegistryContract registry, String name, int account) {
            Wallet wallet = chain.wallet(account);
            thread = new Thread(() -> {
                try {
                    while (!stopping.get()) {
                        long next = said + 1;
                        Receipt receipt = wallet.execute(registry.declare(name, (double) next, 4, List.of()));
                        while (chain.head() < receipt.block().number() + CONFIRMATIONS) {
                            Thread.sleep(10);
                        }
                        confirmedMillis.put(next, System.currentTimeMillis());
                        said = next;
                    }
                } catch (NodeException | InterruptedException e) {
                    problem = String.valueOf(e.getMessage());
                }
            });
            thread.start();
        }

        @Override
        public void close() {
            stopping.set(true);
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    void the_reader_is_never_late_and_honest_words_count() throws Exception {
        try (DevChain chain = DevChain.start()) {
            chain.limitBlocks(3_000_000_000L);
            Deployment deployment = chain.deploy();
            chain.onboard(deployment, "alpha", "loud");
            RegistryContract registry = new RegistryContract(deployment.registry());
            Strangers strangers = Strangers.deploy(chain, deployment, 5);
            Map<String, String> owners = Map.of(
                    "alpha", chain.wallet(1).address(),
                    "beta", chain.wallet(3).address(),
                    "loud", strangers.address());
            chain.wallet(2).execute(registry.setOwner("loud", strangers.address()));
            CapacitySource.Chain source = new CapacitySource.Chain(
                    chain.anvil.rpc(),
                    Anvil.DEFAULT_CHAIN_ID,
                    deployment.registry(),
                    CONFIRMATIONS,
                    0,
                    Duration.ofMillis(100),
                    OptionalDouble.of(1e9));
            Late late = new Late();
            try (Honest honest = new Honest(chain, registry, "alpha", 1);
                    Declared declared = new Declared(source, owners)) {
                late.watch(honest, declared, "before");

                strangers.squat("beta", 1_000_000_000_000L, 1_000_000);
                late.watch(honest, declared, "a followed name taken by a stranger");
                assertThat(declared.last().byProvider()).doesNotContainKey("beta");

                strangers.poison("beta", TOO_MANY);
                strangers.flood("beta", TOO_MANY);
                late.watch(honest, declared, "a stranger's flood under a followed name");
                assertThat(declared.stats().unreadable()).isZero();
                String whose = "owner: " + strangers.address() + " (expected: " + owners.get("beta") + ";";
                try (Declared later = new Declared(source, owners)) {
                    later.await(whose, d -> d.remarks().getOrDefault("beta", "").startsWith(whose));
                    assertThat(later.last().byProvider()).doesNotContainKey("beta");
                }

                for (int i = 0; i < STRANGERS; i += 200) {
                    strangers.crowd(i, 200);
                }
                late.watch(honest, declared, STRANGERS + " registrations");

                strangers.hand("beta", requireNonNull(owners.get("beta")));
                late.watch(honest, declared, "the stranger gives it away");
                assertThat(declared.last().byProvider()).doesNotContainKey("beta");
                chain.wallet(3).execute(registry.declare("beta", 7, 2, List.of()));
                declared.await("beta's own word", d -> capacity(d, "beta") == 7);

                strangers.flood("loud", 10);
                declared.await("loud", d -> capacity(d, "loud") == 1);
                strangers.flood("loud", TOO_MANY);
                declared.await("a flood of an owner's own", d -> !d.byProvider().containsKey("loud"));
                late.watch(honest, declared, "an owner's flood");
                assertThat(declared.stats().unreadable()).isEqualTo(1);
                assertThat(requireNonNull(declared.last().remarks().get("loud")))
                        .startsWith("too many events");
                assertThat(capacity(declared.last(), "beta")).isEqualTo(7);
                assertThat(honest.problem).isEmpty();
            }
            try (Declared fresh = new Declared(source, owners)) {
                Declarations seen = fresh.await("a reader that starts afterwards", d -> capacity(d, "beta") == 7);
                assertThat(seen.byProvider()).containsOnlyKeys("alpha", "beta");
            }
            System.out.println("StrangersIT: " + STRANGERS + " strangers, latest word " + late.worstMillis + " ms after"
                    + " it was confirmed");
        }
    }

    /** How late words were heard. */
    private static final class Late {
        private long worstMillis;

        /** Waits for three more words of the honest one; all up to now were heard in time. */
        void watch(Honest honest, Declared declared, String when) {
            long wanted = honest.said + 3;
            declared.await(when, d -> capacity(d, "alpha") >= wanted);
            long heard = 0;
            for (Declarations each : declared.all()) {
                long now = (long) capacity(each, "alpha");
                for (; heard < now; heard++) {
                    Long confirmed = honest.confirmedMillis.get(heard + 1);
                    if (confirmed != null) {
                        worstMillis = Math.max(worstMillis, each.confirmedAtMillis() - confirmed);
                    }
                }
            }
            assertThat(worstMillis).as("%s: milliseconds late", when).isLessThanOrEqualTo(LATEST.toMillis());
        }
    }

    private static double capacity(Declarations declarations, String provider) {
        Declaration found = declarations.byProvider().get(provider);
        return found == null ? 0 : found.workUnitsPerSecond();
    }
}
