package dev.weir.bench.loop;

import dev.weir.control.cli.Main;
import dev.weir.control.testbed.Children;
import dev.weir.control.testbed.Ports;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Plays the trials of an experiment; leaves no process and, unless told to or when it fails, no file behind. */
final class Session {
    private static final double WARM_UP_SECONDS = 8;

    private Session() {}

    /**
     * @param kept an existing directory where the processes' files and output stay; empty = they are deleted
     * @param err where the progress bar goes
     */
    static List<Reading> run(
            Experiment experiment, Map<String, String> environment, Optional<Path> kept, PrintWriter err)
            throws IOException {
        Path envoy = envoy(environment);
        Path folder = kept.isPresent() ? kept.get() : Files.createTempDirectory("weir-bench-loop");
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        Children children = new Children(folder);
        Thread ending = new Thread(children::close, "bench-end");
        Runtime.getRuntime().addShutdownHook(ending);
        List<Reading> readings = new ArrayList<>();
        try (children;
                Ports ports = new Ports(folder.resolve("ports.lock"))) {
            Bench bench =
                    new Bench(envoy, java(), folder, children, ports, loops.next(), loops.next(), System::nanoTime);
            Player player = new Player(bench);
            List<Trial> trials = experiment.trials();
            player.play(warmUp(), part -> {});
            try (Bar bar = new Bar(err, trials, System::nanoTime)) {
                for (Trial trial : trials) {
                    Run run = player.play(trial, bar::at);
                    readings.add(Reading.of(run, experiment.more(run)));
                    bar.done(readings.get(readings.size() - 1).row());
                }
            }
        } finally {
            loops.shutdownGracefully().awaitUninterruptibly();
        }
        Runtime.getRuntime().removeShutdownHook(ending);
        if (kept.isEmpty()) {
            delete(folder);
        }
        return readings;
    }

    /** A benchmark that is still being compiled sends late: the first trial must not pay for it. */
    private static Trial warmUp() {
        Plant plant = Plant.five(1);
        return new Trial(
                "warm-up",
                Policy.JSQ,
                0.5,
                plant,
                Demand.steady(0.5 * plant.capacity()),
                List.of(),
                WARM_UP_SECONDS,
                0);
    }

    private static Path envoy(Map<String, String> environment) {
        String value = environment.getOrDefault("WEIR_ENVOY", "");
        if (value.isEmpty() || !Files.isExecutable(Path.of(value))) {
            throw new BenchFailure("WEIR_ENVOY: " + (value.isEmpty() ? "not set" : "\"" + value + "\"")
                    + " (expected: the path of an Envoy 1.40.0 binary; ./weir bench loop installs and sets it)");
        }
        return Path.of(value);
    }

    /** The application under test out of this very class path, with the options that the launcher gives a control plane. */
    private static List<String> java() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms12m",
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                classPath(),
                Main.class.getName());
    }

    /** The control plane runs in another directory. */
    private static String classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
