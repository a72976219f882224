package dev.weir.control.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/** Transactions on a real anvil. */
@Timeout(120)
@TestInstance(Lifecycle.PER_CLASS)
final class WalletIT {
    @SuppressWarnings("NullAway.Init") // set by start
    private DevChain chain;

    @SuppressWarnings("NullAway.Init") // set by start
    private Deployment deployment;

    /** A registry whose names cost nothing. */
    @SuppressWarnings("NullAway.Init") // set by start
    private RegistryContract free;

    @BeforeAll
    void start() throws Exception {
        chain = DevChain.start();
        deployment = chain.deploy();
        chain.onboard(deployment, "a");
        free = new RegistryContract(Deployment.over(deployment.token(), chain.wallet(0), BigInteger.ZERO, 0)
                .registry());
    }

    @AfterAll
    void stop() {
        chain.close();
    }

    private RegistryContract registry() {
        return new RegistryContract(deployment.registry());
    }

    private void refused(int account, Call call, String why) {
        assertThatThrownBy(() -> chain.wallet(account).send(call))
                .isInstanceOf(NodeException.class)
                .hasMessage(why);
    }

    @Test
    void a_call_that_would_be_reverted_is_refused_with_its_reason() {
        refused(
                2,
                registry().register("a", chain.wallet(2).address(), "http://x", BigInteger.ZERO),
                "register a: reverted: NameTaken(\"a\")");
        refused(
                2,
                registry().register("A b", chain.wallet(2).address(), "", BigInteger.ZERO),
                "register A b: reverted: InvalidName(\"A b\")");
        assertThatThrownBy(() -> registry().declare("a", 1, -1, List.of()))
                .as("and what no chain is needed for, before")
                .hasMessage("slots: -1 (expected: 0 - 1000000)");
        refused(1, registry().declare("a", 1, 1, List.of("b c")), "declare a: reverted: InvalidTaskType(\"b c\")");
        refused(
                1,
                registry().requestUnstake("a", BigInteger.valueOf(5_000)),
                "unstake of a: reverted: InsufficientStake(1000, 5000)");
        refused(
                2,
                registry().register("b", chain.wallet(2).address(), "http://x", BigInteger.ZERO),
                "register b: reverted: InsufficientStake(0, 1000)");
        refused(
                1,
                registry().requestUnstake("a", BigInteger.ONE),
                "unstake of a: reverted: InsufficientStake(999, 1000)");
        refused(1, registry().withdrawStake("a"), "withdraw stake of a: reverted: NothingToWithdraw()");
    }

    @Test
    void a_stranger_cannot_change_a_provider() {
        assertThatThrownBy(() -> chain.wallet(5).send(registry().withdrawCapacity("a")))
                .hasMessageStartingWith("withdraw capacity of a: reverted: NotAuthorized(0x")
                .hasMessageContaining(chain.wallet(5).address());
    }

    @Test
    void a_transaction_that_is_reverted_in_its_block_is_an_error_with_its_reason() throws Exception {
        Call register = free.register("race", chain.wallet(3).address(), "http://x", BigInteger.ZERO);
        try (DevChain.Stopped stopped = chain.stopMining()) {
            // both pass their trial, because neither is in a block
            Wallet.Sent first = chain.wallet(3).send(register, "latest");
            Wallet.Sent second = chain.wallet(4).send(register, "latest");
            stopped.mine();
            List<String> results = List.of(outcome(3, first), outcome(4, second));
            assertThat(results).containsOnlyOnce("in a block");
            assertThat(results)
                    .anySatisfy(result -> assertThat(result)
                            .startsWith("register race: transaction 0x")
                            .endsWith("was reverted: NameTaken(\"race\")"));
        }
    }

    private String outcome(int account, Wallet.Sent sent) throws InterruptedException {
        try {
            chain.wallet(account).confirm(sent);
            return "in a block";
        } catch (NodeException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void another_chain_is_not_signed_for() {
        Wallet wallet = new Wallet(chain.anvil.rpc(), 1, PrivateKey.devAccount(0), Duration.ofSeconds(10));
        assertThatThrownBy(() -> wallet.send(TokenContract.deploy())).hasMessage("chain id: 31337 (expected: 1)");
    }

    @Test
    void a_transaction_that_gets_into_no_block_is_given_up() throws Exception {
        try (DevChain.Stopped stopped = chain.stopMining()) {
            Wallet impatient = new Wallet(chain.anvil.rpc(), 31337, PrivateKey.devAccount(6), Duration.ofMillis(300));
            Wallet.Sent sent = impatient.send(free.register("slow", impatient.address(), "", BigInteger.ZERO));
            assertThatThrownBy(() -> impatient.confirm(sent)).hasMessageContaining("is in no block after");
            stopped.mine();
            assertThat(impatient.confirm(sent).gasUsed()).isBetween(50_000L, 200_000L);
        }
    }

    /** What docs/operations.md says, within a tenth. */
    @Test
    void gas_is_what_the_documentation_says() throws Exception {
        Wallet owner = chain.wallet(7);
        TokenContract token = new TokenContract(deployment.token());
        chain.wallet(0).execute(token.mint(owner.address(), DevChain.STAKE.shiftLeft(2)));
        owner.execute(token.approve(deployment.registry(), DevChain.STAKE.shiftLeft(2)));
        SoftAssertions gas = new SoftAssertions();
        gas.assertThat(gas(owner, registry().register("gas", owner.address(), "http://x", DevChain.STAKE)))
                .isCloseTo(165_000L, Percentage.withPercentage(10));
        gas.assertThat(gas(owner, registry().stake("gas", DevChain.STAKE)))
                .isCloseTo(55_000L, Percentage.withPercentage(10));
        gas.assertThat(gas(owner, registry().declare("gas", 12.5, 4, List.of("chat"))))
                .isCloseTo(34_500L, Percentage.withPercentage(10));
        gas.assertThat(gas(owner, registry().release("gas"))).isCloseTo(77_600L, Percentage.withPercentage(10));
        gas.assertAll();
    }

    private static long gas(Wallet wallet, Call call) throws Exception {
        return wallet.execute(call).gasUsed();
    }

    @Test
    void the_deployment_says_where_to_read_from() throws Exception {
        Deployment second = Deployment.over(deployment.token(), chain.wallet(0), BigInteger.ZERO, 0);
        assertThat(second.registry()).isNotEqualTo(deployment.registry());
        assertThat(second.block().hash()).matches("0x[0-9a-f]{64}");
        assertThat(chain.wallet(0).readAddress(new RegistryContract(second.registry()).token()))
                .isEqualTo(deployment.token());
        assertThat(chain.node().stakeDecimals(second.registry())).isEqualTo(6);
        Call nowhere = new RegistryContract("0x" + "12".repeat(20)).token();
        assertThatThrownBy(() -> chain.wallet(0).readAddress(nowhere))
                .hasMessageEndingWith("token: no contract that knows it at 0x" + "12".repeat(20));
    }

    @Test
    void a_port_in_use_and_a_binary_that_is_none_are_said() {
        assertThatThrownBy(() -> DevChain.start(Anvil.Options.DEFAULTS.withPort(chain.anvil.port())))
                .isInstanceOf(IOException.class)
                .hasMessage("port: " + chain.anvil.port() + " (expected: a free one)");
        assertThatThrownBy(() -> Anvil.start(Path.of("/bin/false"), Anvil.Options.DEFAULTS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ended:");
        assertThatThrownBy(() -> Anvil.start(Path.of("/nowhere/anvil"), Anvil.Options.DEFAULTS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/nowhere/anvil");
    }

    @Test
    void a_closed_chain_leaves_no_process() throws Exception {
        DevChain short_lived = DevChain.start();
        long pid = short_lived.anvil.pid();
        short_lived.close();
        assertThat(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false))
                .isFalse();
    }
}
