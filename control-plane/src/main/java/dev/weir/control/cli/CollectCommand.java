package dev.weir.control.cli;

import dev.weir.control.certs.MeshCertificates;
import dev.weir.control.collect.Collector;
import dev.weir.control.collect.HostPort;
import dev.weir.control.collect.LinkProof;
import dev.weir.control.model.Failpoints;
import dev.weir.xds.PrintableText;
import dev.weir.xds.peer.BearerToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code weir collect}. */
@Command(
        name = "collect",
        mixinStandardHelpOptions = true,
        description = {
            "Delivers a sidecar's file log, the record of truth, to the control plane.",
            "",
            "Runs beside the sidecar, one per log. What storage has acknowledged is never asked for again; everything else"
                    + " is delivered once the control plane is there, in order, once. SIGTERM delivers what is there (for"
                    + " at most 5 s) and ends."
        })
final class CollectCommand implements Callable<Integer> {
    private static final long MIN_BYTES = 64 * 1024;

    @Option(
            names = "--sidecar",
            required = true,
            paramLabel = "NODE",
            description =
                    "Node id of the sidecar that writes the log, as in its bootstrap: by it, the same record from the stream and from the"
                            + " file is known to be the same.")
    private String sidecar = "";

    @Option(
            names = "--log",
            required = true,
            paramLabel = "FILE",
            description =
                    "The log. It need not be there yet, its folder must. Files renamed from it are FILE.weir-1 and so on.")
    private Path log = Path.of("");

    @Option(
            names = "--control-plane",
            required = true,
            paramLabel = "HOST:PORT",
            description = "The control plane's gRPC port (Mesh: spec.xds.listen).")
    private String controlPlane = "";

    @Option(
            names = "--tls",
            paramLabel = "DIR",
            description =
                    "Folder with tls.crt, tls.key and ca.crt, as weir certs makes one per sidecar; read again for each new"
                            + " connection. Without it the control plane is called in plain text, which it takes on loopback.")
    private @Nullable Path tls;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description =
                    "File with the token that speaks for NODE (Mesh: spec.xds.tokens), instead of a certificate; with --ca."
                            + " Read again for each new connection.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description =
                    "PEM file of the authorities that the control plane's certificate may be of; with --token-file.")
    private @Nullable Path ca;

    @Option(
            names = "--server-name",
            paramLabel = "NAME",
            defaultValue = MeshCertificates.CONTROL_PLANE,
            description = "DNS name in the control plane's certificate; default ${DEFAULT-VALUE}.")
    private String serverName = MeshCertificates.CONTROL_PLANE;

    @Option(
            names = "--envoy-admin",
            paramLabel = "HOST:PORT",
            description =
                    "The sidecar's admin port. With it, a log that is larger than --max-bytes and delivered is renamed,"
                            + " opened anew by the sidecar, and deleted. Without it the log grows.")
    private @Nullable String envoyAdmin;

    @Option(
            names = "--max-bytes",
            paramLabel = "N",
            defaultValue = "67108864",
            description = "Size from which space is freed, at least 65536; default ${DEFAULT-VALUE}.")
    private long maxBytes;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Collector collector =
                new Collector(settings(), System::nanoTime, RandomGenerator.getDefault(), Failpoints.NONE);
        Thread hook = new Thread(() -> stop(collector), "weir-collect-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        collector.run();
        return 0;
    }

    private Collector.Settings settings() {
        if (!PrintableText.isNodeId(sidecar)) {
            throw refusal("--sidecar", "\"" + sidecar + "\" (expected: " + PrintableText.NODE_ID + ")");
        }
        Path file = log.toAbsolutePath().normalize();
        Path folder = file.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw refusal("--log", "\"" + log + "\": no such folder (expected: a file in an existing one)");
        }
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw refusal("--log", "\"" + log + "\" is no regular file (expected: one, or none yet)");
        }
        if (Files.exists(file) && !Files.isReadable(file)) {
            throw refusal("--log", "\"" + log + "\" cannot be read (expected: permission to)");
        }
        if (maxBytes < MIN_BYTES) {
            throw refusal("--max-bytes", maxBytes + " (expected: " + MIN_BYTES + " or more)");
        }
        return new Collector.Settings(
                sidecar,
                file,
                address("--control-plane", controlPlane),
                Optional.ofNullable(envoyAdmin).map(text -> address("--envoy-admin", text)),
                maxBytes,
                proof());
    }

    private LinkProof proof() {
        if (tls != null && (tokenFile != null || ca != null)) {
            throw refusal("--tls", "\"" + tls + "\" (expected: either it, or --token-file and --ca)");
        }
        if (tokenFile != null || ca != null) {
            return proof(tokenFile, ca);
        }
        return tls == null ? LinkProof.none() : proof(tls);
    }

    private LinkProof proof(@Nullable Path token, @Nullable Path authorities) {
        if (token == null) {
            throw refusal("--token-file", "missing (expected: " + BearerToken.EXPECTED + ", because of --ca)");
        }
        if (authorities == null) {
            throw refusal(
                    "--ca",
                    "missing (expected: a PEM file of the control plane's authorities, because of --token-file: nobody else may"
                            + " read the token)");
        }
        try {
            return LinkProof.token(token, authorities, serverName);
        } catch (IllegalArgumentException | UncheckedIOException e) {
            throw refusal("--token-file, --ca", String.valueOf(e.getMessage()));
        }
    }

    private LinkProof proof(Path folder) {
        try {
            return LinkProof.certificate(folder, serverName);
        } catch (IllegalArgumentException | UncheckedIOException e) {
            throw refusal(
                    "--tls",
                    "\"" + folder + "\" (expected: tls.crt, tls.key and ca.crt that fit; " + e.getMessage() + ")");
        }
    }

    private HostPort address(String option, String text) {
        try {
            return HostPort.parse(text);
        } catch (IllegalArgumentException e) {
            throw refusal(option, String.valueOf(e.getMessage()));
        }
    }

    private ParameterException refusal(String option, String what) {
        return new ParameterException(spec.commandLine(), option + ": " + what);
    }

    private static void stop(Collector collector) {
        try {
            collector.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
