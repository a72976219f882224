package dev.weir.bench;

import dev.weir.control.cli.Machine;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code weir bench solver}: how long the decision core takes. */
@Command(
        name = "solver",
        mixinStandardHelpOptions = true,
        description = {
            "Times the decision core with JMH, one forked JVM per row.",
            "",
            "kernel: water levels and whole weights, from warm start to 1 ms of level. tick: the whole core, estimates,"
                    + " price, reasons and the immutable result included."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:every figure reached its target", "1:a figure missed its target", "2:an option is wrong"})
final class SolverCommand implements Callable<Integer> {
    private static final int[] SIZES = {10, 100, 1_000, 10_000, 100_000, 1_000_000};
    private static final int[] POOLS = {1, 4, 64};
    private static final int[] QUICK_SIZES = {10, 1_000, 100_000};
    private static final int[] QUICK_POOLS = {1, 64};

    private static final double KERNEL_NANOS = 150;
    private static final double LARGEST_MILLIS = 150;
    /** Below this many members the call itself, not the sum over members, takes the time. */
    private static final int MIN_MEMBERS = 100;

    @Spec
    @Nullable
    CommandSpec spec;

    @Option(names = "--quick", description = "Fewer and shorter rows: about a minute.")
    boolean quick;

    @Option(names = "--json", paramLabel = "FILE", description = "Writes rows, figures, machine and commit as JSON.")
    @Nullable
    Path json;

    @Override
    public Integer call() throws IOException, RunnerException {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        Machine machine = Machine.here();
        out.printf("%s%n%n", machine.line());
        out.println(SolverRow.HEADER);
        out.flush();
        List<SolverRow> rows = new ArrayList<>();
        SolverRuns runs = new SolverRuns(quick);
        for (String benchmark : List.of(SolverRuns.KERNEL, SolverRuns.TICK)) {
            for (int pools : quick ? QUICK_POOLS : POOLS) {
                for (int providers : quick ? QUICK_SIZES : SIZES) {
                    if (providers >= pools) {
                        rows.add(runs.measure(benchmark, providers, pools));
                        out.println(rows.get(rows.size() - 1));
                        out.flush();
                    }
                }
            }
        }
        List<Figure> figures = figures(rows);
        out.println();
        figures.forEach(out::println);
        out.flush();
        if (json != null) {
            SolverFile.write(machine, rows, figures, json);
        }
        return figures.stream().allMatch(Figure::met) ? 0 : 1;
    }

    /** The targets of the kernel; a whole tick has none. */
    static List<Figure> figures(List<SolverRow> rows) {
        List<Figure> figures = new ArrayList<>();
        for (SolverRow row : rows) {
            if (!row.benchmark().equals(SolverRuns.KERNEL)) {
                continue;
            }
            String where =
                    " of " + row.providers() + " providers in " + row.pools() + (row.pools() == 1 ? " pool" : " pools");
            if (row.members() >= MIN_MEMBERS) {
                figures.add(new Figure(
                        "kernel" + where + ", per member and sweep", row.nanosPerMember(), KERNEL_NANOS, "ns"));
            }
            figures.add(new Figure("kernel" + where + ", allocated per tick", row.bytes(), 0, "bytes"));
            if (row.providers() == 1_000_000 && row.pools() == 1) {
                figures.add(new Figure("kernel" + where, row.nanos() * 1e-6, LARGEST_MILLIS, "ms"));
            }
        }
        return figures;
    }
}
