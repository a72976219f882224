package dev.weir.control.testbed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.wire.ControlPlaneClusters;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * A bootstrap of {@code envoy-configs/}, with other names, ports and paths. Immutable: each change gives a new one.
 *
 * <p>What it describes is what the file describes; only values are replaced, and each must be there to be replaced.
 */
public final class SidecarBootstrap {
    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> CONTROL_PLANE_CLUSTERS =
            List.of(ControlPlaneClusters.XDS, ControlPlaneClusters.ACCESS_LOGS, ControlPlaneClusters.CHECK);

    private final JsonNode root;

    private SidecarBootstrap(JsonNode root) {
        this.root = root;
    }

    /** {@code consumer-sidecar.yaml} as it was built into this application. */
    public static SidecarBootstrap consumer() {
        return file("consumer-sidecar.yaml");
    }

    /** {@code provider-sidecar.yaml}, likewise. */
    public static SidecarBootstrap provider() {
        return file("provider-sidecar.yaml");
    }

    /** {@code egress-gateway.yaml}, likewise. */
    public static SidecarBootstrap egress() {
        return file("egress-gateway.yaml");
    }

    private static SidecarBootstrap file(String name) {
        try (InputStream in = SidecarBootstrap.class.getResourceAsStream("/envoy-configs/" + name)) {
            if (in == null) {
                throw new IllegalStateException("envoy-configs/" + name + " is missing in the jar");
            }
            Object tree = new Yaml(new SafeConstructor(new LoaderOptions())).load(in);
            return new SidecarBootstrap(JSON.valueToTree(tree));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param id node id, unique in the mesh */
    public SidecarBootstrap withNode(String id) {
        return with(tree -> object(tree, "/node").put("id", id));
    }

    /** Where it listens and logs. */
    public SidecarBootstrap withProfile(SidecarProfile.Consumer profile) {
        return with(tree -> object(tree, "/node/metadata/weir")
                .put("listen_address", profile.listenAddress())
                .put("listen_port", profile.listenPort())
                .put("access_log", profile.accessLogPath()));
    }

    /** Where it listens and for whom. */
    public SidecarBootstrap withProfile(SidecarProfile.Provider profile) {
        return with(tree -> {
            ObjectNode weir = object(tree, "/node/metadata/weir");
            weir.put("listen_address", profile.listenAddress())
                    .put("listen_port", profile.listenPort())
                    .putArray("providers");
            profile.providers().forEach(((ArrayNode) weir.get("providers"))::add);
        });
    }

    /** @param port of the admin interface, 0 = any free one */
    public SidecarBootstrap withAdmin(String address, int port) {
        return with(tree -> socket(object(tree, "/admin/address/socket_address"), address, port));
    }

    /** Where the control plane serves xDS, load reports and access logs, in plain text. */
    public SidecarBootstrap withControlPlane(String address, int port) {
        return at(address, port).with(tree -> {
            for (JsonNode cluster : tree.at("/static_resources/clusters")) {
                ((ObjectNode) cluster).remove("transport_socket");
            }
        });
    }

    /**
     * Where it does so with TLS.
     *
     * @param certificates folder with {@code identity.yaml} and {@code authorities.yaml}, also for other sidecars
     */
    public SidecarBootstrap withControlPlane(String address, int port, Path certificates) {
        return at(address, port).with(tree -> {
            object(tree, "/node/metadata/weir").put("certificates", certificates.toString());
            for (JsonNode cluster : tree.at("/static_resources/clusters")) {
                JsonNode tls = cluster.at("/transport_socket/typed_config/common_tls_context");
                secret(
                        object(tls, "/tls_certificate_sds_secret_configs/0/sds_config/path_config_source"),
                        certificates,
                        "identity.yaml");
                secret(
                        object(
                                tls,
                                "/combined_validation_context/validation_context_sds_secret_config/sds_config/path_config_source"),
                        certificates,
                        "authorities.yaml");
            }
        });
    }

    private static void secret(ObjectNode source, Path folder, String file) {
        source.put("path", folder.resolve(file).toString())
                .putObject("watched_directory")
                .put("path", folder.toString());
    }

    private SidecarBootstrap at(String address, int port) {
        return with(tree -> {
            int found = 0;
            for (JsonNode cluster : tree.at("/static_resources/clusters")) {
                if (CONTROL_PLANE_CLUSTERS.contains(cluster.path("name").asText())) {
                    socket(
                            object(
                                    cluster,
                                    "/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address"),
                            address,
                            port);
                    found++;
                }
            }
            if (found != tree.at("/static_resources/clusters").size()) {
                throw new IllegalStateException(
                        "clusters: " + found + " (expected: some of " + CONTROL_PLANE_CLUSTERS + " and no others)");
            }
        });
    }

    /** Writes {@link #text}. */
    public void write(Path file) throws IOException {
        Files.writeString(file, text());
    }

    /** As JSON, which is YAML too: Envoy reads it from a file of either name. */
    public String text() {
        return root.toPrettyString();
    }

    private interface Edit {
        void on(JsonNode tree);
    }

    private SidecarBootstrap with(Edit edit) {
        JsonNode copy = root.deepCopy();
        edit.on(copy);
        return new SidecarBootstrap(copy);
    }

    private static void socket(ObjectNode socketAddress, String address, int port) {
        socketAddress.put("address", address).put("port_value", port);
    }

    private static ObjectNode object(JsonNode tree, String pointer) {
        if (tree.at(pointer) instanceof ObjectNode object) {
            return object;
        }
        throw new IllegalStateException(pointer + ": missing (expected: an object in the bootstrap)");
    }
}
