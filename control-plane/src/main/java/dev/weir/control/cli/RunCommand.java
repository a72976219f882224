package dev.weir.control.cli;

import dev.weir.control.config.ConfigFeed;
import dev.weir.control.config.DirectorySource;
import dev.weir.control.config.LoadedConfig;
import dev.weir.control.server.ControlPlane;
import dev.weir.control.server.Outside;
import dev.weir.control.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code weir run --config DIR}: the control plane, until it is told to end. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the control plane until SIGTERM or Ctrl-C.",
            "",
            "Reads DIR again when a file in it changes. Sidecars and collectors connect to spec.xds.listen of the Mesh,"
                    + " people and Prometheus to spec.admin.listen."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:told to end, and did",
            "1:could not start, or broke",
            "2:the configuration is not valid",
            "3:an error ended one of its threads, or memory ran out: start it again"
        })
final class RunCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(RunCommand.class);

    @Spec
    @Nullable
    CommandSpec spec;

    @Option(
            names = "--config",
            required = true,
            paramLabel = "DIR",
            description = "Directory of *.yaml and *.yml files.")
    Path directory = Path.of(".");

    @Override
    public Integer call() {
        ConfigFeed feed =
                new ConfigFeed(new DirectorySource(directory, name -> Optional.ofNullable(System.getenv(name))));
        LoadedConfig loaded = feed.first();
        if (!loaded.problems().isEmpty() || loaded.config().isEmpty()) {
            loaded.problems().forEach(Objects.requireNonNull(spec).commandLine().getErr()::println);
            return 2;
        }
        ControlPlane plane;
        try {
            plane = new ControlPlane(feed, Outside.real());
        } catch (IOException | StoreException e) {
            Objects.requireNonNull(spec).commandLine().getErr().println("weir run: " + e.getMessage());
            return 1;
        }
        CountDownLatch ended = new CountDownLatch(1);
        Thread end = new Thread(
                () -> {
                    log.info("ending: no new work, what was reported is stored");
                    plane.close();
                    ended.countDown();
                },
                "weir-end");
        Runtime.getRuntime().addShutdownHook(end);
        log.info(
                "sidecars and collectors: port {}; dashboard: http://{}:{}/",
                plane.xdsPort(),
                plane.adminAddress().getHostString(),
                plane.adminAddress().getPort());
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }
}
