package dev.weir.bench.check;

import dev.weir.bench.Figure;
import dev.weir.control.cli.Machine;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code weir bench check}: what asking for each request adds, and what held requests need. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = {
            "Calls through one real sidecar, to a pool without checks and to one with them by turns, and compares response"
                    + " times; then holds many calls at once and looks at the sidecar's memory."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:every figure reached its target", "1:a figure missed its target", "2:an option is wrong"})
public final class CheckCommand implements Callable<Integer> {
    private static final double MEDIAN_MILLIS = 1;
    private static final double P99_MILLIS = 4;
    private static final double HELD_KILOBYTES = 100;
    private static final int WARM_SECONDS = 10;
    /** Connections are opened so many at a time: an agent's machine has a backlog too. */
    private static final int STEP = 250;

    @Spec
    @Nullable
    CommandSpec spec;

    @Option(names = "--rate", defaultValue = "300", description = "Calls per second; default ${DEFAULT-VALUE}.")
    double rate;

    @Option(names = "--seconds", defaultValue = "40", description = "For each pool; default ${DEFAULT-VALUE}.")
    int seconds;

    @Option(names = "--held", defaultValue = "5000", description = "Calls held at once; default ${DEFAULT-VALUE}.")
    int held;

    @Override
    public Integer call() throws IOException {
        if (!(rate > 0 && rate <= 5_000) || seconds < 2 || seconds > 3_600 || held < 1 || held > 9_000) {
            throw new ParameterException(
                    command().commandLine(), "--rate, --seconds, --held: (expected: up to 5000, 2-3600 and 1-9000)");
        }
        String envoy = System.getenv().getOrDefault("WEIR_ENVOY", "");
        if (!Files.isExecutable(Path.of(envoy))) {
            throw new ParameterException(
                    command().commandLine(), "WEIR_ENVOY: \"" + envoy + "\" (expected: the path of an Envoy binary)");
        }
        PrintWriter out = command().commandLine().getOut();
        Machine machine = Machine.here();
        out.printf("%s, %s, commit %s%n%n", machine.processor(), machine.java(), machine.commit());
        List<Figure> figures = new ArrayList<>();
        try (CheckMesh mesh = new CheckMesh(Files.createTempDirectory("weir-bench-check"), Path.of(envoy))) {
            new CheckLoad(mesh, rate).run(WARM_SECONDS);
            compare(new CheckLoad(mesh, rate).run(seconds), out, figures);
            hold(mesh, out, figures);
        }
        out.println();
        figures.forEach(out::println);
        out.flush();
        return figures.stream().allMatch(Figure::met) ? 0 : 1;
    }

    private static void compare(CheckLoad.Times times, PrintWriter out, List<Figure> figures) {
        double[] p50 = {times.plain().at(0.5), times.checked().at(0.5)};
        double[] p99 = {times.plain().at(0.99), times.checked().at(0.99)};
        out.printf(
                "without checks: p50 %.2f ms, p99 %.2f ms, %d calls%n",
                p50[0], p99[0], times.plain().count());
        out.printf(
                "with checks:    p50 %.2f ms, p99 %.2f ms, %d calls%n",
                p50[1], p99[1], times.checked().count());
        figures.add(new Figure("check adds, median", p50[1] - p50[0], MEDIAN_MILLIS, "ms"));
        figures.add(new Figure("check adds, p99", p99[1] - p99[0], P99_MILLIS, "ms"));
        figures.add(new Figure("calls that failed", times.failures(), 0, "calls"));
    }

    private void hold(CheckMesh mesh, PrintWriter out, List<Figure> figures) {
        mesh.speed(0);
        long before = mesh.sidecarBytes();
        List<CompletableFuture<HttpResponse<Void>>> calls = new ArrayList<>();
        for (int i = 0; i < held; i++) {
            calls.add(mesh.http().sendAsync(mesh.request("held"), HttpResponse.BodyHandlers.discarding()));
            if (calls.size() % STEP == 0) {
                int so = calls.size();
                mesh.until(so + " calls to be held", () -> mesh.checksUnderWay() >= so - 2);
            }
        }
        // the provider has a slot and one request more
        mesh.until(held + " calls to be held", () -> mesh.checksUnderWay() >= held - 2);
        double kilobytes = (mesh.sidecarBytes() - before) / 1024.0 / held;
        out.printf("%d held: %.0f KB each in the sidecar%n", held, kilobytes);
        mesh.speed(100);
        calls.subList(held / 2, held).forEach(call -> call.cancel(true));
        int failed = 0;
        for (CompletableFuture<HttpResponse<Void>> call : calls.subList(0, Math.min(200, held / 2))) {
            failed += call.handle((reply, problem) -> problem != null || reply.statusCode() != 200 ? 1 : 0)
                    .join();
        }
        figures.add(new Figure("a held call in the sidecar", kilobytes, HELD_KILOBYTES, "KB"));
        figures.add(new Figure("held calls that failed", failed, 0, "calls"));
    }

    private CommandSpec command() {
        return Objects.requireNonNull(spec);
    }
}
