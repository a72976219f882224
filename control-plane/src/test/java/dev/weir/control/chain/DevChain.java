package dev.weir.control.chain;

import dev.weir.control.model.CapacitySource;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.web3j.protocol.core.methods.response.VoidResponse;

/** A real anvil, from the binary that the variable {@code WEIR_ANVIL} names, with what tests do to it. */
final class DevChain implements AutoCloseable {
    static final BigInteger STAKE = BigInteger.valueOf(1_000);

    final Anvil anvil;
    private final EthNode node;

    private DevChain(Anvil anvil) {
        this.anvil = anvil;
        this.node = new EthNode(new HttpRpc(anvil.rpc(), Duration.ofSeconds(20), 1 << 20));
    }

    /** Blocks come five times a second: nothing that is tested needs longer ones. */
    static DevChain start(Anvil.Options options) throws IOException, InterruptedException {
        return new DevChain(Anvil.start(binary(), options.withBlockTime(Duration.ofMillis(200))));
    }

    static DevChain start() throws IOException, InterruptedException {
        return start(Anvil.Options.DEFAULTS);
    }

    static Path binary() {
        String path = System.getenv("WEIR_ANVIL");
        if (path == null || path.isEmpty()) {
            throw new IllegalStateException("WEIR_ANVIL: not set (expected: path of an anvil 1.7.1 binary)");
        }
        return Path.of(path);
    }

    Wallet wallet(int account) {
        return wallet(anvil.rpc(), account);
    }

    static Wallet wallet(URI rpc, int account) {
        return new Wallet(rpc, Anvil.DEFAULT_CHAIN_ID, PrivateKey.devAccount(account), Duration.ofSeconds(60));
    }

    Deployment deploy() throws NodeException, InterruptedException {
        return Deployment.withDevToken(wallet(0), STAKE, 60);
    }

    /** Registers, stakes for and declares providers; the first gets account 1. */
    void onboard(Deployment deployment, String... providers) throws NodeException, InterruptedException {
        List<Onboarding.Offer> offers = java.util.stream.IntStream.range(0, providers.length)
                .mapToObj(i -> new Onboarding.Offer(
                        providers[i],
                        wallet(i + 1),
                        "http://" + providers[i],
                        STAKE.multiply(BigInteger.valueOf(i + 1)),
                        20.5 * (i + 1),
                        i + 1,
                        List.of("chat")))
                .toList();
        Onboarding.run(deployment, wallet(0), offers);
    }

    CapacitySource.Chain source(Deployment deployment, int confirmations) {
        return new CapacitySource.Chain(
                anvil.rpc(),
                Anvil.DEFAULT_CHAIN_ID,
                deployment.registry(),
                confirmations,
                0,
                Duration.ofMillis(100),
                OptionalDouble.empty());
    }

    /** The accounts of providers onboarded in this order. */
    Map<String, String> owners(String... providers) {
        Map<String, String> owners = new HashMap<>();
        for (String each : providers) {
            owners.put(each, wallet(owners.size() + 1).address());
        }
        return owners;
    }

    void limitBlocks(long gas) throws NodeException {
        node.send("anvil_setBlockGasLimit", AnyResponse.class, "0x" + Long.toHexString(gas));
    }

    EthNode node() {
        return node;
    }

    void mine(int blocks) throws NodeException {
        node.send("anvil_mine", VoidResponse.class, "0x" + Integer.toHexString(blocks));
    }

    /** Replaces the newest blocks by as many empty ones. */
    void reorganise(int depth) throws NodeException {
        VoidResponse answer = node.send("anvil_reorg", VoidResponse.class, depth, List.of());
        if (answer.hasError()) {
            throw new NodeException("anvil_reorg: " + EthNode.text(answer.getError()));
        }
    }

    void passTime(Duration time) throws NodeException {
        node.send("evm_increaseTime", AnyResponse.class, time.toSeconds());
    }

    /** No blocks until it is closed, but those asked for. */
    Stopped stopMining() throws NodeException {
        node.send("evm_setIntervalMining", AnyResponse.class, 0);
        return new Stopped();
    }

    final class Stopped implements AutoCloseable {
        void mine() throws NodeException {
            DevChain.this.mine(1);
        }

        @Override
        public void close() throws NodeException {
            node.send("evm_setIntervalMining", AnyResponse.class, 1);
        }
    }

    /** An answer of any shape. */
    static final class AnyResponse extends org.web3j.protocol.core.Response<Object> {}

    long head() throws NodeException {
        return node.head().number();
    }

    @Override
    public void close() {
        anvil.close();
    }
}
