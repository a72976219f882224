package dev.weir.bench.loop;

import dev.weir.bench.Figure;
import dev.weir.control.cli.Machine;
import dev.weir.control.testbed.TestbedFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

/** {@code weir bench loop}: ways to choose the provider of a call, beside each other, through real Envoys. */
@Command(
        name = "loop",
        mixinStandardHelpOptions = true,
        description = {
            "Plays the same calls through real Envoys under one policy after the other and compares what they waited with"
                    + " clairvoyant join-the-shortest-queue (jsq).",
            "",
            "By default jsq twice (their difference is the noise), governed, bounce, smooth and wrr at load .95, three"
                    + " seeds of 40 s: about a quarter of an hour. The control plane under test is the real one, in a process"
                    + " of its own.",
            "",
            "--scenario starved runs a process that does nothing but compute beside each processor: the governed pool must be"
                    + " no worse than its own split, by more than a second run of the split differs."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every figure reached its target",
            "1:a figure missed its target; each is named",
            "2:an option is not valid, a tool is missing, or something broke"
        })
public final class LoopCommand implements Callable<Integer> {
    @Spec
    @Nullable
    CommandSpec spec;

    @Option(
            names = "--policy",
            paramLabel = "POLICY",
            split = ",",
            description =
                    "Only these, whatever else would run: jsq, governed, pooled, bounce, smooth, smooth-100ms, random,"
                            + " wrr, least-request, p2c, cswrr.")
    List<String> policies = new ArrayList<>();

    @Option(names = "--load", paramLabel = "X", split = ",", description = "Offered work over true capacity, 0.05-1.5.")
    List<Double> loads = new ArrayList<>();

    @Option(
            names = "--sidecars",
            paramLabel = "N",
            defaultValue = "1",
            description = "Envoys that calls go through by turns, 1-32; default ${DEFAULT-VALUE}.")
    int sidecars;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description =
                    "Of arrivals in each run, 8-3600; default 40, or what the scenario needs. The first 5 s of a run"
                            + " do not count.")
    @Nullable
    Integer seconds;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "3",
            description = "Runs of each policy, 1-99; default ${DEFAULT-VALUE}. Figures are medians over them.")
    int seeds;

    @Option(names = "--full", description = "All policies at loads .7, .9 and .95: more than an hour.")
    boolean full;

    @Option(names = "--scenario", paramLabel = "NAME", description = "Instead: ${COMPLETION-CANDIDATES}.")
    @Nullable
    Scenario scenario;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Writes all runs, figures, machine and commit as JSON.")
    @Nullable
    Path json;

    @Option(names = "--markdown", paramLabel = "FILE", description = "Writes the table and the figures as Markdown.")
    @Nullable
    Path markdown;

    @Option(names = "--plot", paramLabel = "DIR", description = "Draws waits over time and response over load as PNG.")
    @Nullable
    Path plot;

    @Option(
            names = "--keep",
            paramLabel = "DIR",
            description = "Leaves configuration, output and logs of all processes there.")
    @Nullable
    Path keep;

    @Override
    public Integer call() throws IOException {
        CommandSpec command = Objects.requireNonNull(spec);
        PrintWriter out = command.commandLine().getOut();
        PrintWriter err = command.commandLine().getErr();
        Experiment experiment = experiment(settings());
        Machine machine = Machine.here();
        out.printf("%s, %s, commit %s%n", machine.processor(), machine.java(), machine.commit());
        out.printf("%s%n%n", experiment.title());
        out.flush();
        try {
            List<Reading> readings = Session.run(experiment, System.getenv(), kept(), err);
            Table table = Table.of(readings);
            List<Figure> figures = experiment.figures(readings);
            out.println(new TableText(table).plain());
            out.println();
            figures.forEach(out::println);
            readings.stream()
                    .map(Reading::row)
                    .filter(Row::disturbed)
                    .forEach(row -> out.printf(
                            "disturbed: %s at load %.2f, seed %d: one call in a hundred was sent %.0f ms late or later; the machine"
                                    + " had other work%n",
                            row.name(), row.load(), row.seed(), row.lateP99()));
            out.flush();
            Report report = new Report(experiment.title(), machine, readings, table, figures);
            if (json != null) {
                report.json(json);
            }
            if (markdown != null) {
                report.markdown(markdown);
            }
            if (plot != null) {
                Plots.draw(table, plot);
            }
            figures.stream().filter(figure -> !figure.met()).forEach(miss -> err.println("weir bench loop: " + miss));
            return figures.stream().allMatch(Figure::met) ? 0 : 1;
        } catch (BenchFailure | TestbedFailure e) {
            err.println("weir bench loop: " + e.getMessage());
            return 2;
        }
    }

    private Optional<Path> kept() throws IOException {
        return keep == null
                ? Optional.empty()
                : Optional.of(Files.createDirectories(keep).toAbsolutePath());
    }

    private Experiment experiment(Settings settings) {
        if (scenario != null) {
            if (full) {
                throw wrong("--full: with --scenario (expected: one of them)");
            }
            return scenario.experiment(settings);
        }
        return full ? Comparison.full(settings) : Comparison.brief(settings);
    }

    private Settings settings() {
        List<Policy> chosen = policies.stream()
                .map(label -> Policy.of(label)
                        .orElseThrow(() -> wrong("--policy: \"" + label + "\" (expected: " + Policy.labels() + ")")))
                .toList();
        for (double load : loads) {
            if (!(load >= 0.05 && load <= 1.5)) {
                throw wrong("--load: " + load + " (expected: 0.05 to 1.5)");
            }
        }
        int length = seconds != null ? seconds : scenario != null ? scenario.seconds() : 40;
        whole("--sidecars", sidecars, 1, 32);
        whole("--seconds", length, 8, 3600);
        whole("--seeds", seeds, 1, 99);
        return new Settings(chosen, loads, sidecars, length, seeds);
    }

    private void whole(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw wrong(option + ": " + value + " (expected: " + least + " to " + most + ")");
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }
}
