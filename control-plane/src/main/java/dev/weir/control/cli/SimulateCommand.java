package dev.weir.control.cli;

import dev.weir.control.scenario.LedgerScenario;
import dev.weir.control.scenario.ScenarioFile;
import dev.weir.control.store.StoreException;
import dev.weir.sim.experiment.Effort;
import dev.weir.sim.experiment.Experiment;
import dev.weir.sim.experiment.Experiments;
import dev.weir.sim.experiment.Overview;
import dev.weir.sim.experiment.Report;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir simulate}: experiments in simulated time. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        description = {
            "Simulates meshes under this project's decision core and under published baselines.",
            "",
            "Without a name: one table, every policy at three loads. With names: these experiments, each compared with its"
                    + " target. The same seeds give the same figures on every machine."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every figure reached its target",
            "1:a figure missed its target",
            "2:a name or an option is wrong"
        })
final class SimulateCommand implements Callable<Integer> {
    @Spec
    @Nullable
    CommandSpec spec;

    @Parameters(
            arity = "0..*",
            paramLabel = "NAME",
            description = "Experiments, or \"all\"; --list tells which there are.")
    List<String> names = List.of();

    @Option(names = "--list", description = "Lists the experiments and ends.")
    boolean list;

    @Option(names = "--seeds", paramLabel = "N", description = "Seeds of every cell (default: the experiment's own).")
    int seeds;

    @Option(
            names = "--length",
            paramLabel = "FACTOR",
            description = "Factor on simulated times (default: ${DEFAULT-VALUE}); targets are for 1.")
    double length = 1;

    @Option(names = "--threads", paramLabel = "N", description = "Runs at a time (default: the machine's processors).")
    int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--scenario",
            paramLabel = "FILE",
            description = "Simulates the mesh that this YAML file describes instead (keys: docs/simulation.md).")
    @Nullable
    Path scenario;

    @Option(
            names = "--from-ledger",
            paramLabel = "DB",
            description = "Simulates the mesh that the recorded calls in a control plane's SQLite database show.")
    @Nullable
    Path ledger;

    @Option(
            names = "--save-scenario",
            paramLabel = "FILE",
            description = "With --from-ledger: writes what was inferred as a file for --scenario, to change it.")
    @Nullable
    Path saved;

    @Option(names = "--json", paramLabel = "FILE", description = "Writes all tables and checks as JSON.")
    @Nullable
    Path json;

    @Option(names = "--markdown", paramLabel = "FILE", description = "Writes all tables and checks as Markdown.")
    @Nullable
    Path markdown;

    @Option(
            names = "--plot",
            paramLabel = "DIR",
            description = "Draws the curves of experiments that have some, as PNG.")
    @Nullable
    Path plot;

    @Override
    public Integer call() throws IOException {
        CommandSpec command = Objects.requireNonNull(spec);
        PrintWriter out = command.commandLine().getOut();
        if (list) {
            for (Experiment experiment : Experiments.all()) {
                out.printf("%-12s %s%n", experiment.name(), experiment.summary());
            }
            out.flush();
            return 0;
        }
        require(seeds >= 0 && seeds <= 1000, "--seeds", seeds, "1 to 1000");
        require(length > 0 && length <= 100, "--length", length, "over 0, at most 100");
        require(threads >= 1 && threads <= 1024, "--threads", threads, "1 to 1024");
        List<Report> reports = new ArrayList<>();
        for (Experiment experiment : chosen()) {
            try (SimulateWorkers workers = new SimulateWorkers(threads, experiment.name())) {
                Report report = experiment.run(new Effort(seeds, length, workers));
                ReportText.print(report, out);
                out.flush();
                reports.add(report);
            }
        }
        if (json != null) {
            ReportFiles.json(reports, json);
        }
        if (markdown != null) {
            ReportFiles.markdown(reports, markdown);
        }
        if (plot != null) {
            ReportPlots.draw(reports, plot);
        }
        return reports.stream().allMatch(Report::passed) ? 0 : 1;
    }

    private List<Experiment> chosen() throws IOException {
        require(saved == null || ledger != null, "--save-scenario", saved, "--from-ledger beside it");
        if (scenario != null || ledger != null) {
            require(names.isEmpty(), "NAME", names, "none beside --scenario and --from-ledger");
            require(scenario == null || ledger == null, "--scenario", scenario, "not beside --from-ledger");
            return List.of(own());
        }
        if (names.isEmpty()) {
            return List.of(new Overview());
        }
        if (names.equals(List.of("all"))) {
            return Experiments.all();
        }
        List<Experiment> chosen = new ArrayList<>();
        for (String name : names) {
            chosen.add(Experiments.all().stream()
                    .filter(e -> e.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> wrong("NAME", name, "one that --list names")));
        }
        return chosen;
    }

    private Experiment own() throws IOException {
        try {
            if (scenario != null) {
                require(Files.isRegularFile(scenario), "--scenario", scenario, "a file that exists");
                return ScenarioFile.read(scenario);
            }
            LedgerScenario inferred = LedgerScenario.read(Objects.requireNonNull(ledger));
            PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
            inferred.notes().forEach(out::println);
            if (saved != null) {
                inferred.save(saved);
            }
            return inferred.mesh();
        } catch (IllegalArgumentException | StoreException e) {
            throw new ParameterException(Objects.requireNonNull(spec).commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private void require(boolean holds, String what, @Nullable Object value, String expected) {
        if (!holds) {
            throw wrong(what, value, expected);
        }
    }

    private ParameterException wrong(String what, @Nullable Object value, String expected) {
        return new ParameterException(
                Objects.requireNonNull(spec).commandLine(), what + ": \"" + value + "\" (expected: " + expected + ")");
    }
}
