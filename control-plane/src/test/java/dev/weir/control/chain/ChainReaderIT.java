package dev.weir.control.chain;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.weir.control.model.CapacitySource;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Declarations.Declaration;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The reader on a real anvil. */
@Timeout(180)
final class ChainReaderIT {
    @TempDir
    Path folder = Path.of("");

    @Test
    void declarations_are_seen_after_their_confirmations_with_stake_and_block() throws Exception {
        try (DevChain chain = DevChain.start()) {
            Deployment deployment = chain.deploy();
            chain.onboard(deployment, "a", "b");
            long declaredAt = chain.head();
            try (Declared declared = new Declared(chain.source(deployment, 2), chain.owners("a", "b"))) {
                Declarations seen =
                        declared.await("both", d -> d.byProvider().keySet().equals(java.util.Set.of("a", "b")));
                Declaration b = requireNonNull(seen.byProvider().get("b"));
                assertThat(b.workUnitsPerSecond()).isEqualTo(41);
                assertThat(b.slots()).isEqualTo(2);
                assertThat(b.taskTypes()).containsExactly("chat");
                assertThat(b.stake()).contains("2000");
                long block = b.block().orElseThrow().number();
                assertThat(block).isLessThanOrEqualTo(declaredAt);
                assertThat(seen.head().orElseThrow().number()).isGreaterThanOrEqualTo(block);
                assertThat(declared.all())
                        .filteredOn(d -> d.byProvider().containsKey("b"))
                        .allMatch(d -> d.head().orElseThrow().number() >= block);

                Wallet owner = chain.wallet(1);
                RegistryContract registry = new RegistryContract(deployment.registry());
                owner.execute(registry.declare("a", 0.5, 7, List.of()));
                declared.await("a changed", d -> capacity(d, "a") == 0.5);
                owner.execute(registry.withdrawCapacity("a"));
                declared.await("a withdrawn", d -> d.byProvider().keySet().equals(java.util.Set.of("b")));
                assertThat(declared.stats().refusedLogs()).isZero();
            }
        }
    }

    @Test
    void a_reorganisation_takes_out_declarations_that_are_no_longer_on_the_chain() throws Exception {
        try (DevChain chain = DevChain.start()) {
            Deployment deployment = chain.deploy();
            chain.onboard(deployment, "a");
            chain.mine(4);
            RegistryContract registry = new RegistryContract(deployment.registry());
            try (Declared declared = new Declared(chain.source(deployment, 2), chain.owners("a", "b"));
                    Declared careful = new Declared(chain.source(deployment, 60), chain.owners("a"))) {
                declared.await("a", d -> capacity(d, "a") == 20.5);
                long before = chain.head();
                chain.wallet(1).execute(registry.declare("a", 500, 1, List.of()));
                chain.mine(4);
                declared.await("new declaration confirmed", d -> capacity(d, "a") == 500);
                chain.reorganise((int) (chain.head() - before + 1));
                declared.await("new declaration gone, the old one in force again", d -> capacity(d, "a") == 20.5);
                assertThat(declared.stats().deepReorganisations()).isGreaterThanOrEqualTo(1);
                chain.mine(60);
                careful.await("same end", d -> capacity(d, "a") == 20.5);
                assertThat(careful.all())
                        .as("with more confirmations than the reorganisation was deep it was never seen")
                        .noneMatch(d -> capacity(d, "a") == 500);
                assertThat(careful.stats().deepReorganisations()).isZero();
            }
        }
    }

    @Test
    void an_outage_keeps_the_last_confirmed_and_the_same_chain_goes_on_where_it_was() throws Exception {
        Anvil.Options options = Anvil.Options.DEFAULTS.withState(folder.resolve("state.json"));
        try (DevChain first = DevChain.start(options)) {
            Deployment deployment = first.deploy();
            first.onboard(deployment, "a");
            try (Declared declared = new Declared(first.source(deployment, 2), first.owners("a"))) {
                declared.await("a", d -> capacity(d, "a") == 20.5);
                first.anvil.kill();
                Declarations gone = declared.await("outage", d -> d.problem().isPresent());
                assertThat(gone.byProvider()).containsOnlyKeys("a");
                assertThat(gone.problem().orElseThrow())
                        .startsWith("chain: 127.0.0.1:" + first.anvil.port() + ": eth_getBlockByNumber: ");
                long goneSince = gone.confirmedAtMillis();
                try (DevChain again = DevChain.start(options.withPort(first.anvil.port()))) {
                    Declarations back = declared.await("back", d -> d.problem().isEmpty());
                    assertThat(back.confirmedAtMillis()).isGreaterThan(goneSince);
                    again.wallet(1).execute(new RegistryContract(deployment.registry()).declare("a", 99, 1, List.of()));
                    declared.await("caught up", d -> capacity(d, "a") == 99);
                    assertThat(declared.all())
                            .as("a was never missing")
                            .allMatch(d -> d.head().isEmpty()
                                    || d.byProvider().containsKey("a")
                                    || d.head().orElseThrow().number()
                                            <= deployment.block().number() + 2);
                }
            }
        }
    }

    @Test
    void a_chain_that_begins_anew_keeps_the_last_confirmed_until_its_registry_is_there() throws Exception {
        try (DevChain first = DevChain.start()) {
            Deployment deployment = first.deploy();
            first.onboard(deployment, "a");
            String owner = first.wallet(1).address();
            try (Declared declared = new Declared(first.source(deployment, 2), Map.of("a", owner, "b", owner))) {
                declared.await("a", d -> capacity(d, "a") == 20.5);
                first.anvil.kill();
                declared.await("outage", d -> d.problem().isPresent());
                Anvil.Options same = Anvil.Options.DEFAULTS.withPort(first.anvil.port());
                try (DevChain other = DevChain.start(same)) {
                    Declarations empty = declared.await(
                            "no registry there",
                            d -> d.problem()
                                    .orElse("")
                                    .startsWith("chain: registry: no contract at " + deployment.registry()));
                    assertThat(empty.byProvider()).containsOnlyKeys("a");
                    Deployment second = other.deploy();
                    assertThat(second.registry()).isEqualTo(deployment.registry());
                    other.onboard(second, "b");
                    Declarations taken =
                            declared.await("taken over", d -> d.byProvider().containsKey("b"));
                    assertThat(taken.byProvider()).containsOnlyKeys("b");
                    assertThat(taken.problem()).isEmpty();
                }
            }
        }
    }

    @Test
    void another_chain_id_is_refused_with_both_named() throws Exception {
        try (DevChain first = DevChain.start()) {
            Deployment deployment = first.deploy();
            first.onboard(deployment, "a");
            try (Declared declared = new Declared(first.source(deployment, 2), first.owners("a"))) {
                declared.await("a", d -> capacity(d, "a") == 20.5);
                first.anvil.kill();
                Anvil.Options other =
                        Anvil.Options.DEFAULTS.withPort(first.anvil.port()).withChainId(1);
                try (DevChain wrong = DevChain.start(other)) {
                    wrong.mine(20);
                    Declarations refused = declared.await(
                            "refused", d -> d.problem().orElse("").equals("chain: chain id: 1 (expected: 31337)"));
                    assertThat(refused.byProvider()).containsOnlyKeys("a");
                }
            }
        }
    }

    @Test
    void nonsense_in_place_of_a_node_is_survived() throws Exception {
        HttpServer nonsense = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        nonsense.createContext("/", exchange -> {
            byte[] page = "<html>Bad gateway</html>".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        nonsense.start();
        int port = nonsense.getAddress().getPort();
        String registry = "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512"; // second contract of the first account
        CapacitySource.Chain source = new CapacitySource.Chain(
                URI.create("http://127.0.0.1:" + port),
                31337,
                registry,
                1,
                0,
                Duration.ofMillis(100),
                OptionalDouble.empty());
        String owner = DevChain.wallet(source.rpc(), 1).address();
        try (Declared declared = new Declared(source, Map.of("a", owner))) {
            Declarations first = declared.await("problem", d -> d.problem().isPresent());
            assertThat(first.problem().orElseThrow()).endsWith("no JSON-RPC answer");
            assertThat(first.confirmedAtMillis()).isZero();
            nonsense.stop(0);
            try (DevChain chain = DevChain.start(Anvil.Options.DEFAULTS.withPort(port))) {
                Deployment deployment = chain.deploy();
                assertThat(deployment.registry()).isEqualTo(registry);
                chain.onboard(deployment, "a");
                declared.await("a", d -> capacity(d, "a") == 20.5);
            }
        }
    }

    /** What the logs say is what the contract's storage says, after anything that owners do. */
    @Test
    void logs_alone_rebuild_what_the_contract_holds() throws Exception {
        Random random = new Random(42);
        try (DevChain chain = DevChain.start()) {
            Deployment deployment = chain.deploy();
            chain.onboard(deployment, "a", "b", "c");
            RegistryContract registry = new RegistryContract(deployment.registry());
            TokenContract token = new TokenContract(deployment.token());
            List<Wallet> owners = List.of(chain.wallet(1), chain.wallet(2), chain.wallet(3));
            List<String> names = List.of("a", "b", "c");
            int done = 0;
            for (int i = 0; i < 60; i++) {
                int who = random.nextInt(3);
                String name = names.get(who);
                BigInteger amount = BigInteger.valueOf(1 + random.nextInt(700));
                List<Call> calls = switch (random.nextInt(5)) {
                    case 0 -> List.of(token.approve(registry.address(), amount), registry.stake(name, amount));
                    case 1 -> List.of(registry.requestUnstake(name, amount));
                    case 2 -> List.of(registry.withdrawStake(name));
                    case 3 -> List.of(registry.withdrawCapacity(name));
                    default ->
                        List.of(registry.declare(
                                name, (1 + random.nextInt(5_000)) / 1000.0, 1 + random.nextInt(9), List.of("t")));
                };
                for (Call call : calls) {
                    try {
                        owners.get(who).send(call);
                        done++;
                    } catch (NodeException e) {
                        assertThat(e.getMessage())
                                .as("what the contract refuses is refused with a reason")
                                .contains("reverted: ");
                    }
                }
                chain.mine(1);
                if (i % 10 == 9) {
                    chain.passTime(Duration.ofSeconds(61));
                }
            }
            assertThat(done).isGreaterThan(20);
            Follower follower = new Follower(
                    chain.node(), chain.source(deployment, 0), Names.of(chain.owners("a", "b", "c")), new Tally());
            assertThat(follower.advance()).isTrue();
            assertThat(follower.state().byId()).hasSize(3);
            for (RegisteredProvider provider : follower.state().byId().values()) {
                StoredProvider stored = chain.node()
                        .provider(registry.address(), provider.name())
                        .orElseThrow();
                assertThat(provider.declared()
                                .map(d -> d.milliUnitsPerSecond() / 1000.0)
                                .orElse(0.0))
                        .isEqualTo(stored.workUnitsPerSecond());
                assertThat(provider.declared()
                                .map(RegistryEvent.Declared::slots)
                                .orElse(0))
                        .isEqualTo(stored.slots());
                assertThat(provider.staked()).isEqualTo(stored.staked());
            }
        }
    }

    private static double capacity(Declarations declarations, String provider) {
        Declaration found = declarations.byProvider().get(provider);
        return found == null ? 0 : found.workUnitsPerSecond();
    }
}
