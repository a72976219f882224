package dev.weir.control.cli;

import dev.weir.control.certs.MeshCertificates;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir certs DIR}: an authority and certificates for a mesh. */
@Command(
        name = "certs",
        mixinStandardHelpOptions = true,
        description = {
            "Makes an authority for a mesh of your own, and what each of its members needs to prove who it is.",
            "",
            "  DIR/ca.crt, DIR/ca.key      the authority; one that is there is used again",
            "  DIR/control-plane/          tls.crt, tls.key, ca.crt: Mesh spec.xds.tls",
            "  DIR/NODE/                   one per sidecar and side: identity.yaml and authorities.yaml for its bootstrap,",
            "                              the same as tls.crt, tls.key and ca.crt for weir collect --tls",
            "",
            "Run it again with the same options to renew the certificates: whoever runs takes the new files, no call fails. With"
                    + " another node it adds one. Keep ca.key from everybody: who has it may be anybody. In production let your"
                    + " own authority (cert-manager, SPIRE, Vault) make the same files."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:written", "2:an option is not valid, or DIR cannot be written"})
final class CertsCommand implements Callable<Integer> {
    private static final Pattern NODE = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}");
    private static final Pattern DNS =
            Pattern.compile("(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,62})(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,62}))*");
    private static final Pattern ADDRESS = Pattern.compile("(\\d{1,3}\\.){3}\\d{1,3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    @Spec
    @Nullable
    CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "Folder for the files; made when it is not there.")
    Path directory = Path.of("");

    @Option(
            names = "--control-plane",
            paramLabel = "HOST",
            description =
                    "DNS name or IP address by which others call the control plane; may be repeated. Loopback always is.")
    List<String> hosts = List.of();

    @Option(
            names = "--consumer",
            paramLabel = "NODE",
            description =
                    "Node id of a sidecar beside an agent; may be repeated. Without any and without --side: consumer-1,"
                            + " and the sides provider-1 and egress-1, as in envoy-configs/.")
    List<String> consumers = List.of();

    @Option(
            names = "--side",
            paramLabel = "NODE",
            description = "Node id of a sidecar before providers, or of an egress gateway; may be repeated.")
    List<String> sides = List.of();

    @Option(
            names = "--mesh",
            paramLabel = "NAME",
            defaultValue = "weir",
            description = "Trust domain of the identities, spiffe://NAME/...; default ${DEFAULT-VALUE}.")
    String mesh = "weir";

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "90",
            description = "How long the members' certificates are valid, 1-3650; default ${DEFAULT-VALUE}.")
    int days;

    @Override
    public Integer call() {
        boolean named = !consumers.isEmpty() || !sides.isEmpty();
        List<String> here = named ? consumers : List.of("consumer-1");
        List<String> there = named ? sides : List.of("provider-1", "egress-1");
        List<String> names = new ArrayList<>();
        List<String> addresses = new ArrayList<>();
        for (String host : hosts) {
            if (ADDRESS.matcher(host).matches()) {
                addresses.add(host);
            } else if (DNS.matcher(host).matches()) {
                names.add(host);
            } else {
                throw wrong("--control-plane: \"" + host + "\" (expected: a DNS name or an IP address)");
            }
        }
        here.forEach(node -> check("--consumer", node));
        there.forEach(node -> check("--side", node));
        if (!DNS.matcher(mesh).matches()) {
            throw wrong("--mesh: \"" + mesh + "\" (expected: a DNS name)");
        }
        if (days < 1 || days > 3650) {
            throw wrong("--days: " + days + " (expected: 1-3650)");
        }
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        try {
            MeshCertificates certificates = new MeshCertificates(directory, mesh, Instant.now(), Duration.ofDays(days));
            out.println(certificates.controlPlane(names, addresses)
                    + "  Mesh spec.xds.tls: certFile, keyFile, clientCaFile");
            for (String node : here) {
                out.println(certificates.consumer(node) + "  sidecar " + node + "; Mesh spec.consumers: "
                        + certificates.consumerIdentity(node));
            }
            for (String node : there) {
                out.println(certificates.side(node) + "  side " + node + "; Provider spec.sidecar.identity: "
                        + certificates.sideIdentity(node));
            }
            return 0;
        } catch (IOException e) {
            throw wrong("DIR: \"" + directory + "\" (expected: a folder that can be written; " + e + ")");
        }
    }

    private void check(String option, String node) {
        if (!NODE.matcher(node).matches() || node.equals("control-plane")) {
            throw wrong(
                    option + ": \"" + node + "\" (expected: 1-128 of letters, digits, . - and _, not control-plane)");
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }
}
