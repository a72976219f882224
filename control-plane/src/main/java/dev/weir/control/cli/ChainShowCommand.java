package dev.weir.control.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.control.chain.NodeException;
import dev.weir.control.chain.RegisteredProvider;
import dev.weir.control.chain.RegistryContract;
import dev.weir.control.chain.RegistrySnapshot;
import dev.weir.control.model.Config.CapacitySource;
import dev.weir.control.model.Declarations.Declaration;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code weir chain show}: every provider of a registry, as the control plane would read it. */
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        description = "Shows every provider of a registry, read from its logs as the control plane reads them.")
final class ChainShowCommand implements Callable<Integer> {
    private static final String LINE = "%-24s %14s %8s %20s %10s  %s%n";

    @Spec
    @Nullable
    CommandSpec spec;

    @Mixin
    ChainOptions.Node node = new ChainOptions.Node();

    @Option(
            names = "--registry",
            required = true,
            paramLabel = "ADDRESS",
            description = "The CapacityRegistry's address.")
    String registry = "";

    @Option(
            names = "--from-block",
            paramLabel = "N",
            defaultValue = "0",
            description = "First block to read; where the registry was deployed is enough (default: ${DEFAULT-VALUE}).")
    long fromBlock;

    @Option(
            names = "--confirmations",
            paramLabel = "N",
            defaultValue = "0",
            description = "Blocks on top before something counts (default: ${DEFAULT-VALUE}).")
    int confirmations;

    @Option(names = "--json", description = "Prints JSON instead of a table.")
    boolean json;

    @Override
    public Integer call() throws JsonProcessingException {
        CommandSpec command = Objects.requireNonNull(spec);
        PrintWriter out = command.commandLine().getOut();
        RegistrySnapshot snapshot;
        try {
            if (fromBlock < 0 || confirmations < 0) {
                throw new IllegalArgumentException("--from-block, --confirmations: (expected: 0 or more)");
            }
            snapshot = RegistrySnapshot.read(new CapacitySource.Chain(
                    node.rpc(),
                    node.chainId,
                    new RegistryContract(registry).address(),
                    confirmations,
                    fromBlock,
                    Duration.ofSeconds(1)));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()));
        } catch (NodeException e) {
            command.commandLine().getErr().println("weir chain: " + e.getMessage());
            return 1;
        }
        if (json) {
            out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(asJson(snapshot)));
        } else {
            table(snapshot, out);
        }
        out.flush();
        return 0;
    }

    private static void table(RegistrySnapshot snapshot, PrintWriter out) {
        out.println(
                "block " + snapshot.block().number() + " " + snapshot.block().hash());
        out.printf(LINE, "PROVIDER", "UNITS/S", "SLOTS", "STAKE", "BLOCK", "TASK TYPES");
        for (RegisteredProvider each : snapshot.providers()) {
            Optional<Declaration> declared = each.declaration();
            out.printf(
                    LINE,
                    each.name(),
                    declared.map(d -> Double.toString(d.workUnitsPerSecond())).orElse("-"),
                    declared.filter(d -> d.slots() > 0)
                            .map(d -> Integer.toString(d.slots()))
                            .orElse("-"),
                    each.staked(),
                    declared.flatMap(Declaration::block)
                            .map(b -> Long.toString(b.number()))
                            .orElse("-"),
                    declared.map(d -> d.taskTypes().isEmpty() ? "any" : String.join(" ", d.taskTypes()))
                            .orElse("nothing declared"));
        }
    }

    private static Map<String, Object> asJson(RegistrySnapshot snapshot) {
        List<Map<String, Object>> providers =
                snapshot.providers().stream().map(ChainShowCommand::asJson).toList();
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("block", snapshot.block());
        all.put("providers", providers);
        return all;
    }

    private static Map<String, Object> asJson(RegisteredProvider provider) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("provider", provider.name());
        fields.put("owner", provider.owner());
        fields.put("signer", provider.signer());
        fields.put("endpointHash", provider.endpointHash());
        fields.put("stake", provider.staked().toString());
        provider.declaration().ifPresent(d -> {
            fields.put("workUnitsPerSecond", d.workUnitsPerSecond());
            fields.put("slots", d.slots());
            fields.put("taskTypes", d.taskTypes());
            d.block().ifPresent(block -> fields.put("block", block));
        });
        return fields;
    }
}
