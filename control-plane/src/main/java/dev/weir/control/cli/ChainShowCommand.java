package dev.weir.control.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.control.chain.NodeException;
import dev.weir.control.chain.RegistryContract;
import dev.weir.control.chain.StoredProvider;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir chain show}: what a registry has of some providers now. */
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        description = "Shows what a registry has of some providers now, and whose they are.")
final class ChainShowCommand implements Callable<Integer> {
    private static final String LINE = "%-24s %-42s %14s %8s %20s %20s%n";

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

    @Parameters(paramLabel = "PROVIDER", arity = "1..*", description = "Names of providers.")
    List<String> names = List.of();

    @Option(names = "--json", description = "Prints JSON instead of a table.")
    boolean json;

    @Override
    public Integer call() throws JsonProcessingException {
        CommandSpec command = Objects.requireNonNull(spec);
        PrintWriter out = command.commandLine().getOut();
        List<StoredProvider> found;
        try {
            found = StoredProvider.read(node.rpc(), node.chainId, new RegistryContract(registry), names);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()));
        } catch (NodeException e) {
            command.commandLine().getErr().println("weir chain: " + e.getMessage());
            return 1;
        }
        if (json) {
            out.println(new ObjectMapper()
                    .writerWithDefaultPrettyPrinter()
                    .writeValueAsString(
                            found.stream().map(ChainShowCommand::asJson).toList()));
        } else {
            table(found, out);
        }
        out.flush();
        return 0;
    }

    private void table(List<StoredProvider> found, PrintWriter out) {
        out.printf(LINE, "PROVIDER", "OWNER", "UNITS/S", "SLOTS", "STAKE", "UNBONDING");
        for (String name : names) {
            found.stream()
                    .filter(each -> each.name().equals(name))
                    .findFirst()
                    .ifPresentOrElse(
                            each -> out.printf(
                                    LINE,
                                    name,
                                    each.owner(),
                                    each.workUnitsPerSecond() > 0 ? Double.toString(each.workUnitsPerSecond()) : "-",
                                    each.slots() > 0 ? Integer.toString(each.slots()) : "-",
                                    each.staked(),
                                    each.unbonding()),
                            () -> out.printf(LINE, name, "not registered", "-", "-", "-", "-"));
        }
    }

    private static Map<String, Object> asJson(StoredProvider provider) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("provider", provider.name());
        fields.put("owner", provider.owner());
        fields.put("signer", provider.signer());
        fields.put("workUnitsPerSecond", provider.workUnitsPerSecond());
        fields.put("slots", provider.slots());
        fields.put("stake", provider.staked().toString());
        fields.put("unbonding", provider.unbonding().toString());
        fields.put("releaseAtSeconds", provider.releaseAtSeconds());
        return fields;
    }
}
