package dev.weir.control.cli;

import dev.weir.control.chain.Call;
import dev.weir.control.chain.Deployment;
import dev.weir.control.chain.NodeException;
import dev.weir.control.chain.Receipt;
import dev.weir.control.chain.RegistryContract;
import dev.weir.control.chain.TokenContract;
import dev.weir.control.chain.Wallet;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigInteger;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir chain}: what a provider does on-chain. */
@Command(
        name = "chain",
        mixinStandardHelpOptions = true,
        description = {
            "Deploys the capacity registry, and lets a provider register, stake and declare.",
            "",
            "A provider's way in:",
            "  weir chain register gpu-1 --registry 0x... --endpoint https://gpu.example --stake 12500000 ...",
            "  weir chain declare gpu-1 --capacity 12.5 --slots 4 --task-type chat ...",
            "",
            "Every transaction is tried before it is sent; one that would be reverted costs nothing."
        },
        synopsisSubcommandLabel = "COMMAND",
        subcommands = ChainShowCommand.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:the chain refused it or does not answer", "2:wrong usage"})
final class ChainCommand implements Runnable {
    private static final String NAME = "The provider's name: 1-63 of a-z, 0-9 and hyphen.";
    private static final String REGISTRY = "The CapacityRegistry's address.";
    private static final String AMOUNT = "Atomic units of the staked token.";
    private static final String MINT = "Mints the amount first: development tokens only, by who deployed them.";

    @Spec
    @Nullable
    CommandSpec spec;

    /** What a subcommand does. */
    private interface Action {
        void run(PrintWriter out) throws NodeException, IOException, InterruptedException;
    }

    @Override
    public void run() {
        throw new ParameterException(command().commandLine(), "COMMAND: missing");
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = {
                "Deploys a registry and prints what the Mesh needs to know of it.",
                "Without --token it also deploys a development token that the sender can mint: worthless on purpose."
            })
    int deploy(
            @Mixin ChainOptions.Sender sender,
            @Option(names = "--token", paramLabel = "ADDRESS", description = "The ERC-20 that is staked.") @Nullable
                    String token,
            @Option(
                            names = "--min-stake",
                            paramLabel = "AMOUNT",
                            defaultValue = "0",
                            description = "Stake that stands for every registered name (default: ${DEFAULT-VALUE}).")
                    BigInteger minStake,
            @Option(
                            names = "--unbonding",
                            paramLabel = "SECONDS",
                            defaultValue = "604800",
                            description = "Between asking for stake back and getting it (default: ${DEFAULT-VALUE}).")
                    long unbonding) {
        return attempt(out -> {
            natural("--min-stake", minStake);
            Wallet wallet = sender.wallet();
            Deployment made = token == null
                    ? Deployment.withDevToken(wallet, minStake, unbonding)
                    : Deployment.over(token, wallet, minStake, unbonding);
            out.println("token     " + made.token());
            out.println("registry  " + made.registry());
            out.println("block     " + made.block().number());
            out.println();
            out.println("capacity:");
            out.println("  source: chain");
            out.println("  rpc: " + shown(sender));
            out.println("  chainId: " + sender.node.chainId);
            out.println("  registry: \"" + made.registry() + "\"");
            out.println("  fromBlock: " + made.block().number());
        });
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = {
                "Registers a provider with its first stake; the sender becomes its owner. First come, first served.",
                "The Provider's spec.chain.owner names this account: what others say of the name does not count."
            })
    int register(
            @Mixin ChainOptions.Sender sender,
            @Option(names = "--registry", required = true, paramLabel = "ADDRESS", description = REGISTRY)
                    String registry,
            @Parameters(paramLabel = "PROVIDER", description = NAME) String provider,
            @Option(
                            names = "--signer",
                            paramLabel = "ADDRESS",
                            description = "Account that may declare besides the owner (default: the owner).")
                    @Nullable
                    String signer,
            @Option(
                            names = "--endpoint",
                            required = true,
                            paramLabel = "URL",
                            description = "Where the provider is to be reached; only its hash goes on-chain.")
                    String endpoint,
            @Option(
                            names = "--stake",
                            paramLabel = "AMOUNT",
                            description = AMOUNT + " Default: the registry's minimum.")
                    @Nullable
                    BigInteger stake,
            @Option(names = "--mint", description = MINT) boolean mint) {
        return attempt(out -> {
            Wallet wallet = sender.wallet();
            String by = Optional.ofNullable(signer).orElse(wallet.address());
            RegistryContract contract = new RegistryContract(registry);
            BigInteger amount =
                    stake == null ? wallet.readWords(contract.minStake(), 1).get(0) : stake;
            natural("--stake", amount);
            fund(out, wallet, contract, amount, mint);
            execute(out, wallet, contract.register(provider, by, endpoint, amount));
        });
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Gives a name back: it is free at once, its stake can be paid out after the unbonding delay.")
    int release(
            @Mixin ChainOptions.Sender sender,
            @Option(names = "--registry", required = true, paramLabel = "ADDRESS", description = REGISTRY)
                    String registry,
            @Parameters(paramLabel = "PROVIDER", description = NAME) String provider) {
        return attempt(out -> execute(out, sender.wallet(), new RegistryContract(registry).release(provider)));
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Pays out the stake of released names whose unbonding delay has passed.")
    int payout(
            @Mixin ChainOptions.Sender sender,
            @Option(names = "--registry", required = true, paramLabel = "ADDRESS", description = REGISTRY)
                    String registry) {
        return attempt(out -> execute(out, sender.wallet(), new RegistryContract(registry).withdrawReleased()));
    }

    @Command(mixinStandardHelpOptions = true, description = "Approves and adds stake.")
    int stake(
            @Mixin ChainOptions.Sender sender,
            @Option(names = "--registry", required = true, paramLabel = "ADDRESS", description = REGISTRY)
                    String registry,
            @Parameters(paramLabel = "PROVIDER", description = NAME) String provider,
            @Option(names = "--amount", required = true, paramLabel = "AMOUNT", description = AMOUNT) BigInteger amount,
            @Option(names = "--mint", description = MINT) boolean mint) {
        return attempt(out -> {
            natural("--amount", amount);
            Wallet wallet = sender.wallet();
            RegistryContract contract = new RegistryContract(registry);
            fund(out, wallet, contract, amount, mint);
            execute(out, wallet, contract.stake(provider, amount));
        });
    }

    private static void fund(PrintWriter out, Wallet wallet, RegistryContract contract, BigInteger amount, boolean mint)
            throws NodeException, InterruptedException {
        if (amount.signum() == 0) {
            return;
        }
        TokenContract token = new TokenContract(wallet.readAddress(contract.token()));
        if (mint) {
            execute(out, wallet, token.mint(wallet.address(), amount));
        }
        execute(out, wallet, token.approve(contract.address(), amount));
    }

    @Command(
            mixinStandardHelpOptions = true,
            description =
                    "Asks for stake back, down to the minimum: it stops to count at once and can be claimed after the unbonding"
                            + " delay.")
    int unstake(
            @Mixin ChainOptions.Sender sender,
            @Option(names = "--registry", required = true, paramLabel = "ADDRESS", description = REGISTRY)
                    String registry,
            @Parameters(paramLabel = "PROVIDER", description = NAME) String provider,
            @Option(names = "--amount", required = true, paramLabel = "AMOUNT", description = AMOUNT)
                    BigInteger amount) {
        return attempt(out -> {
            natural("--amount", amount);
            execute(out, sender.wallet(), new RegistryContract(registry).requestUnstake(provider, amount));
        });
    }

    @Command(mixinStandardHelpOptions = true, description = "Pays out stake whose unbonding delay has passed.")
    int claim(
            @Mixin ChainOptions.Sender sender,
            @Option(names = "--registry", required = true, paramLabel = "ADDRESS", description = REGISTRY)
                    String registry,
            @Parameters(paramLabel = "PROVIDER", description = NAME) String provider) {
        return attempt(out -> execute(out, sender.wallet(), new RegistryContract(registry).withdrawStake(provider)));
    }

    @Command(mixinStandardHelpOptions = true, description = "Declares capacity; replaces what was declared before.")
    int declare(
            @Mixin ChainOptions.Sender sender,
            @Option(names = "--registry", required = true, paramLabel = "ADDRESS", description = REGISTRY)
                    String registry,
            @Parameters(paramLabel = "PROVIDER", description = NAME) String provider,
            @Option(
                            names = "--capacity",
                            required = true,
                            paramLabel = "UNITS",
                            description = "Work units per second, 0.001 - 1e9.")
                    double capacity,
            @Option(
                            names = "--slots",
                            defaultValue = "0",
                            paramLabel = "N",
                            description =
                                    "Requests served at once, 1 - 1000000; 0 = not declared (default): it is taken from"
                                            + " what is seen.")
                    int slots,
            @Option(
                            names = "--task-type",
                            paramLabel = "POOL",
                            description = "A pool that it offers to serve; can be repeated (default: any).")
                    @Nullable
                    List<String> taskTypes) {
        return attempt(out -> {
            List<String> types = taskTypes == null ? List.of() : taskTypes;
            Call declare = new RegistryContract(registry).declare(provider, capacity, slots, types);
            execute(out, sender.wallet(), declare);
        });
    }

    @Command(mixinStandardHelpOptions = true, description = "Takes a provider's declaration back.")
    int withdraw(
            @Mixin ChainOptions.Sender sender,
            @Option(names = "--registry", required = true, paramLabel = "ADDRESS", description = REGISTRY)
                    String registry,
            @Parameters(paramLabel = "PROVIDER", description = NAME) String provider) {
        return attempt(out -> execute(out, sender.wallet(), new RegistryContract(registry).withdrawCapacity(provider)));
    }

    private static void execute(PrintWriter out, Wallet wallet, Call call) throws NodeException, InterruptedException {
        Receipt receipt = wallet.execute(call);
        out.println(call.what() + ": block " + receipt.block().number() + ", transaction " + receipt.transaction()
                + ", gas " + receipt.gasUsed());
        out.flush();
    }

    /** The URL without what may be secret in it. */
    private static String shown(ChainOptions.Sender sender) {
        java.net.URI rpc = sender.node.rpc();
        boolean plain = rpc.getUserInfo() == null
                && rpc.getQuery() == null
                && rpc.getPath().length() <= 1;
        return plain ? rpc.toString() : "*** # your URL";
    }

    private static void natural(String option, BigInteger amount) {
        if (amount.signum() < 0 || amount.bitLength() > 256) {
            throw new IllegalArgumentException(option + ": " + amount + " (expected: 0 - 2^256-1)");
        }
    }

    private int attempt(Action action) {
        CommandSpec command = command();
        PrintWriter out = command.commandLine().getOut();
        try {
            action.run(out);
            return 0;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()));
        } catch (NodeException | IOException e) {
            command.commandLine().getErr().println("weir chain: " + e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        } finally {
            out.flush();
        }
    }

    private CommandSpec command() {
        return Objects.requireNonNull(spec);
    }
}
