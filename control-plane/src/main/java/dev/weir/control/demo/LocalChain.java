package dev.weir.control.demo;

import dev.weir.control.chain.Anvil;
import dev.weir.control.chain.Deployment;
import dev.weir.control.chain.NodeException;
import dev.weir.control.chain.Onboarding;
import dev.weir.control.chain.PrivateKey;
import dev.weir.control.chain.Wallet;
import dev.weir.control.testbed.ChainPlace;
import dev.weir.control.testbed.Children;
import dev.weir.control.testbed.Fleet;
import dev.weir.control.testbed.TestbedFailure;
import dev.weir.control.testbed.provider.DemoProvider;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** A chain of the demo's own, on which its providers stake and declare. */
final class LocalChain {
    private static final Duration RECEIPT = Duration.ofSeconds(30);
    private static final long UNBONDING_SECONDS = 60;
    /** Stake per work unit per second, atomic units of the development token: one token, which is what the cap asks for. */
    private static final long STAKE_PER_UNIT = 1_000_000;

    private final Anvil anvil;
    private final Deployment deployment;

    private LocalChain(Anvil anvil, Deployment deployment) {
        this.anvil = anvil;
        this.deployment = deployment;
    }

    /** Starts it; returns when the registry is deployed. */
    static LocalChain start(Path binary, Children children) {
        try {
            Anvil anvil = Anvil.start(binary, Anvil.Options.DEFAULTS);
            children.adopt("anvil", anvil.pid());
            return new LocalChain(
                    anvil,
                    Deployment.withDevToken(wallet(anvil, 0), BigInteger.valueOf(STAKE_PER_UNIT), UNBONDING_SECONDS));
        } catch (IOException | NodeException e) {
            throw new TestbedFailure("the chain: " + e.getMessage());
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    ChainPlace place() {
        List<String> owners = IntStream.rangeClosed(1, Fleet.PROVIDERS.size())
                .mapToObj(account -> wallet(anvil, account).address())
                .toList();
        return new ChainPlace(anvil.rpc(), Anvil.DEFAULT_CHAIN_ID, deployment.registry(), owners);
    }

    /** Lets providers stake and declare; returns when every declaration is in a block. */
    void onboard(List<DemoProvider> providers) {
        List<Onboarding.Offer> offers = IntStream.range(0, providers.size())
                .mapToObj(i -> offer(providers.get(i), wallet(anvil, i + 1)))
                .toList();
        try {
            Onboarding.run(deployment, wallet(anvil, 0), offers);
        } catch (NodeException e) {
            throw new TestbedFailure("the chain: " + e.getMessage());
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static TestbedFailure interrupted() {
        Thread.currentThread().interrupt();
        return new TestbedFailure("interrupted");
    }

    private static Onboarding.Offer offer(DemoProvider provider, Wallet wallet) {
        double capacity = provider.spec().capacity();
        return new Onboarding.Offer(
                provider.spec().name(),
                wallet,
                "http://127.0.0.1:" + provider.port(),
                BigInteger.valueOf((long) Math.ceil(capacity * STAKE_PER_UNIT)),
                capacity,
                provider.spec().slots(),
                List.of(Fleet.POOL));
    }

    private static Wallet wallet(Anvil anvil, int account) {
        return new Wallet(anvil.rpc(), Anvil.DEFAULT_CHAIN_ID, PrivateKey.devAccount(account), RECEIPT);
    }
}
