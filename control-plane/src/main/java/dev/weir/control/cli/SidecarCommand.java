package dev.weir.control.cli;

import dev.weir.control.collect.HostPort;
import dev.weir.control.testbed.EnvoyCommand;
import dev.weir.control.testbed.TestbedFailure;
import dev.weir.control.testbed.Tools;
import dev.weir.control.up.SidecarPlace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code weir sidecar}: writes a bootstrap and says how to run it, which the launcher then does. */
@Command(
        name = "sidecar",
        mixinStandardHelpOptions = true,
        description = {
            "Runs a sidecar beside an agent: Envoy, with a bootstrap made of these options. The launcher installs Envoy where it is"
                    + " missing, and becomes it.",
            "",
            "DIR/access.log is the record of its calls; weir collect delivers it. It starts without a control plane too, and goes on"
                    + " without one."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"2:an option is not valid, DIR cannot be written, or Envoy is missing", "other:Envoy's own"})
final class SidecarCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Mixin
    private SidecarOptions sidecar = new SidecarOptions();

    @Option(
            names = "--control-plane",
            required = true,
            paramLabel = "HOST:PORT",
            description = "The control plane's gRPC port (Mesh: spec.xds.listen).")
    private String controlPlane = "";

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description = "Folder for its bootstrap and its access log; made if need be.")
    private Path data = Path.of("");

    @Override
    public Integer call() {
        Path home = data.toAbsolutePath().normalize();
        try {
            SidecarPlace place = new SidecarPlace(
                    sidecar.node(),
                    sidecar.listen(),
                    sidecar.envoyAdmin(),
                    HostPort.parse(controlPlane),
                    sidecar.certificates(),
                    home);
            Files.createDirectories(home);
            place.bootstrap().write(place.bootstrapFile());
            EnvoyCommand.of(Tools.envoy(System.getenv()), place.bootstrapFile())
                    .forEach(spec.commandLine().getOut()::println);
            return 0;
        } catch (IllegalArgumentException e) {
            throw wrong("--control-plane: " + e.getMessage());
        } catch (IOException e) {
            throw wrong("--data: \"" + data + "\" (expected: a folder that can be written; " + e + ")");
        } catch (TestbedFailure e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
