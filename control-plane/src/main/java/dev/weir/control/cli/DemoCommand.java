package dev.weir.control.cli;

import dev.weir.control.demo.Demo;
import dev.weir.control.demo.DemoOptions;
import dev.weir.control.testbed.TestbedFailure;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code weir demo}. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Plays a whole mesh on this machine: a chain, five unequal providers, a control plane, two Envoy sidecars and"
                    + " traffic.",
            "",
            "At one third of the time the largest provider slows down and tells nobody, at two thirds it recovers. The story"
                    + " is told twice over the same calls, first with the declared capacities as fixed weights (wrr), then"
                    + " with water-filling. At the end: what calls waited, and what the ledger holds against what the"
                    + " providers counted. Leaves no process behind."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:played, and what is promised holds (with the default load, length and event)",
            "1:a promised figure was missed; each is named",
            "2:an option is not valid, a tool is missing, or something broke"
        })
final class DemoCommand implements Callable<Integer> {
    @Spec
    @Nullable
    CommandSpec spec;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "40",
            description = "Length of the story for each policy, 6-240; default ${DEFAULT-VALUE}.")
    int seconds;

    @Option(
            names = "--load",
            paramLabel = "X",
            defaultValue = "0.6",
            description =
                    "Offered work as a part of the true capacity, 0.05-1.5; above 1 some calls are told to come back"
                            + " (429); default ${DEFAULT-VALUE}.")
    double load;

    @Option(
            names = "--policy",
            paramLabel = "POLICY",
            defaultValue = "both",
            description = "water-filling, wrr or both; default ${DEFAULT-VALUE}.")
    String policy = "both";

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            defaultValue = "governed",
            description =
                    "What corrects water-filling's split at the last moment: governed (a check picks the provider of each call;"
                            + " behind it bounce), bounce (a sidecar before the providers refuses what would wait longer there than"
                            + " elsewhere) or split (nothing); default ${DEFAULT-VALUE}.")
    String mode = "governed";

    @Option(
            names = "--event",
            paramLabel = "EVENT",
            defaultValue = "slow",
            description =
                    "What happens to the largest provider: slow (works at 30 %%), stall (answers nothing) or none;"
                            + " default ${DEFAULT-VALUE}.")
    String event = "slow";

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Of arrivals and job sizes; default ${DEFAULT-VALUE}.")
    long seed;

    @Option(names = "--keep", description = "Stay up at the end, to be called by other clients.")
    boolean keep;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to FILE.")
    @Nullable
    Path json;

    @Option(names = "--plot", paramLabel = "FILE", description = "Draw the mean waits over time into FILE, as SVG.")
    @Nullable
    Path plot;

    @Override
    public Integer call() {
        PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
        DemoOptions options;
        try {
            options = DemoOptions.of(
                    seconds,
                    load,
                    policy,
                    mode,
                    event,
                    seed,
                    keep,
                    Optional.ofNullable(json),
                    Optional.ofNullable(plot));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(Objects.requireNonNull(spec).commandLine(), String.valueOf(e.getMessage()), e);
        }
        try {
            PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
            List<String> misses = new Demo(options, OwnCommand.java(), System.getenv(), out).run();
            misses.forEach(miss -> err.println("weir demo: missed: " + miss));
            return misses.isEmpty() ? 0 : 1;
        } catch (TestbedFailure e) {
            err.println("weir demo: " + e.getMessage());
            return 2;
        }
    }
}
