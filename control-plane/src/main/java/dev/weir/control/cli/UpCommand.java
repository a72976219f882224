package dev.weir.control.cli;

import dev.weir.control.config.ConfigLoader;
import dev.weir.control.config.DirectorySource;
import dev.weir.control.config.LoadedConfig;
import dev.weir.control.model.Mesh;
import dev.weir.control.testbed.TestbedFailure;
import dev.weir.control.testbed.Tools;
import dev.weir.control.up.LocalMesh;
import dev.weir.control.up.UpRefusal;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code weir up --config DIR}: everything that one machine needs, until it is told to end. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        description = {
            "Runs a control plane, a sidecar and its collector on this machine until Ctrl-C or SIGTERM, and starts again what"
                    + " ends.",
            "",
            "Says \"ready: URL\" on standard output as soon as requests can go through; the URL is an OpenAI client's"
                    + " base_url. What the three say goes to standard error, with control-plane, sidecar or collector in front"
                    + " of each line. At the end the sidecar goes first, then the collector once it has delivered the log, then the"
                    + " control plane."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "1:a port or the data folder is in use, or Envoy is missing: nothing was started",
            "2:an option or the configuration is not valid",
            "130, 143:told to end by Ctrl-C or SIGTERM, and did"
        })
final class UpCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--config",
            required = true,
            paramLabel = "DIR",
            description = "Directory of *.yaml and *.yml files, as weir init makes one.")
    private Path directory = Path.of(".");

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Folder for what has to be kept: the sidecar's log until it is delivered. Made if need be; default: data in the"
                            + " configuration's directory. The database is where Mesh.spec.store says.")
    private @Nullable Path data;

    @Mixin
    private SidecarOptions sidecar = new SidecarOptions();

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        if (!Files.isDirectory(directory)) {
            throw wrong("--config: \"" + directory + "\" (expected: a directory that exists; weir init makes one)");
        }
        Path config = directory.toAbsolutePath().normalize();
        LoadedConfig loaded =
                new ConfigLoader(new DirectorySource(config, name -> Optional.ofNullable(System.getenv(name)))).load();
        if (!loaded.problems().isEmpty() || loaded.config().isEmpty()) {
            loaded.problems().forEach(err::println);
            return 2;
        }
        Mesh mesh = loaded.config().get().mesh();
        try {
            LocalMesh local = new LocalMesh(
                    new LocalMesh.Plan(
                            config,
                            (data == null ? config.resolve("data") : data)
                                    .toAbsolutePath()
                                    .normalize(),
                            sidecar.node(),
                            sidecar.listen(),
                            sidecar.envoyAdmin(),
                            certificates(config, mesh),
                            OwnCommand.java(),
                            Tools.envoy(System.getenv())),
                    mesh,
                    new PrintStream(System.out, true, StandardCharsets.UTF_8),
                    new PrintStream(System.err, true, StandardCharsets.UTF_8));
            Runtime.getRuntime().addShutdownHook(new Thread(local::close, "weir-up-end"));
            local.run();
            return 0;
        } catch (UpRefusal | TestbedFailure e) {
            err.println("weir up: " + e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    /** The sidecar's certificates, which it has where the control plane asks for one. */
    private Optional<Path> certificates(Path config, Mesh mesh) {
        Optional<Path> named = sidecar.certificates();
        if (mesh.sidecars().access().tls().isEmpty()) {
            if (named.isPresent()) {
                throw wrong("--tls: not used (expected: a Mesh with spec.xds.tls, or no --tls)");
            }
            return named;
        }
        Path usual = config.resolve("certs").resolve(sidecar.node());
        return Optional.of(named.or(() -> Optional.of(usual)
                        .filter(folder -> SidecarOptions.lacking(folder).isEmpty()))
                .orElseThrow(() -> wrong("--tls: missing, and there is no " + usual
                        + " (expected: the sidecar's certificates, because of Mesh.spec.xds.tls; weir certs "
                        + config.resolve("certs") + " --consumer " + sidecar.node() + " makes them)")));
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
