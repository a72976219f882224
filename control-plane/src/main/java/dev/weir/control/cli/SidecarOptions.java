package dev.weir.control.cli;

import dev.weir.control.collect.HostPort;
import dev.weir.xds.PrintableText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of a command that starts a sidecar. */
final class SidecarOptions {
    private static final List<String> CERTIFICATES =
            List.of("identity.yaml", "authorities.yaml", "tls.crt", "tls.key", "ca.crt");

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--sidecar",
            paramLabel = "NODE",
            defaultValue = "consumer-1",
            description = "The sidecar's node id, unique in the mesh: it is in every record; default ${DEFAULT-VALUE}.")
    private String sidecar = "consumer-1";

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:10000",
            description = "Where agents call the sidecar; default ${DEFAULT-VALUE}. It has no login.")
    private String listen = "127.0.0.1:10000";

    @Option(
            names = "--envoy-admin",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:9901",
            description = "The sidecar's admin port; default ${DEFAULT-VALUE}.")
    private String envoyAdmin = "127.0.0.1:9901";

    @Option(
            names = "--tls",
            paramLabel = "DIR",
            description =
                    "The sidecar's folder of certificates, as weir certs makes one; needed where the control plane has TLS.")
    private @Nullable Path tls;

    String node() {
        if (!PrintableText.isNodeId(sidecar) || sidecar.contains("/") || sidecar.startsWith(".")) {
            throw refusal(
                    "--sidecar",
                    "\"" + sidecar + "\" (expected: " + PrintableText.NODE_ID
                            + ", without / and no . at the beginning: a folder has its name)");
        }
        return sidecar;
    }

    HostPort listen() {
        return address("--listen", listen);
    }

    HostPort envoyAdmin() {
        return address("--envoy-admin", envoyAdmin);
    }

    /** The folder of certificates that is named, if one is. */
    Optional<Path> certificates() {
        Optional<Path> named = Optional.ofNullable(tls);
        named.flatMap(SidecarOptions::lacking).ifPresent(file -> {
            throw refusal(
                    "--tls",
                    "\"" + tls + "\" (expected: a folder that weir certs made for " + sidecar + ", with " + file + ")");
        });
        return named.map(folder -> folder.toAbsolutePath().normalize());
    }

    /** The first file that a folder of certificates would have and this one has not. */
    static Optional<String> lacking(Path folder) {
        return CERTIFICATES.stream()
                .filter(file -> !Files.isReadable(folder.resolve(file)))
                .findFirst();
    }

    private HostPort address(String option, String text) {
        try {
            return HostPort.parse(text);
        } catch (IllegalArgumentException e) {
            throw refusal(option, String.valueOf(e.getMessage()));
        }
    }

    private ParameterException refusal(String option, String problem) {
        CommandLine command = spec.commandLine();
        return new ParameterException(command, option + ": " + problem);
    }
}
