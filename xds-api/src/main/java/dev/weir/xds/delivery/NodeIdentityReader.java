package dev.weir.xds.delivery;

import com.google.protobuf.Value;
import dev.weir.xds.PrintableText;
import dev.weir.xds.peer.Peer;
import dev.weir.xds.wire.WeirMetadata;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Reads a sidecar's node: its id, and its profile from the metadata struct {@code weir}. */
final class NodeIdentityReader {
    private static final int MAX_PATH = 1_024;
    private static final int MAX_PROVIDERS = 1_000;
    private static final String LISTEN_ADDRESS = "listen_address";
    private static final String LISTEN_PORT = "listen_port";
    private static final String ACCESS_LOG = "access_log";
    private static final String ROLE = "role";
    private static final String PROVIDERS = "providers";
    private static final String AUTHORITIES = "authorities";
    private static final String CERTIFICATES = "certificates";
    private static final Map<String, Set<String>> KEYS = Map.of(
            "consumer", Set.of(ROLE, LISTEN_ADDRESS, LISTEN_PORT, ACCESS_LOG, AUTHORITIES, CERTIFICATES),
            "provider", Set.of(ROLE, LISTEN_ADDRESS, LISTEN_PORT, PROVIDERS, AUTHORITIES, CERTIFICATES));
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern IPV4 = Pattern.compile("((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(?!$)|$)){4}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]{2,45}");

    private NodeIdentityReader() {}

    /** What {@code peer} says of itself, if it may. */
    static NodeIdentity read(Node node, Peer peer) {
        NodeIdentity hello = read(node);
        if (!(hello instanceof NodeIdentity.Accepted accepted)) {
            return hello;
        }
        String denial = peer.refusesNode(accepted.node());
        if (denial.isEmpty()) {
            denial = accepted.profile() instanceof SidecarProfile.Provider side
                    ? peer.refusesSide(side.providers())
                    : peer.refusesConsumer();
        }
        return denial.isEmpty() ? hello : new NodeIdentity.Denied(denial);
    }

    static NodeIdentity read(Node node) {
        String id = node.getId();
        if (!PrintableText.isNodeId(id)) {
            return refused("node.id", id, PrintableText.NODE_ID);
        }
        Value metadata = node.getMetadata().getFieldsOrDefault(WeirMetadata.NAMESPACE, Value.getDefaultInstance());
        if (metadata.hasStructValue()) {
            return profile(id, metadata.getStructValue().getFieldsMap());
        }
        return metadata.getKindCase() == Value.KindCase.KIND_NOT_SET
                ? new NodeIdentity.Accepted(id, SidecarProfile.Consumer.DEFAULT)
                : refused("node.metadata.weir", metadata.getKindCase().name(), "a struct");
    }

    private static NodeIdentity profile(String id, Map<String, Value> fields) {
        String role = text(fields, ROLE, "consumer");
        Set<String> keys = KEYS.get(role);
        if (keys == null) {
            return refused("node.metadata.weir.role", role, "consumer or provider");
        }
        for (String key : fields.keySet()) {
            if (!keys.contains(key)) {
                return refused("node.metadata.weir", key, "keys of a " + role + ": " + new TreeSet<>(keys));
            }
        }
        boolean consumer = role.equals("consumer");
        SidecarProfile.Consumer defaults = SidecarProfile.Consumer.DEFAULT;
        String address = text(
                fields, LISTEN_ADDRESS, consumer ? defaults.listenAddress() : SidecarProfile.Provider.DEFAULT_ADDRESS);
        if (!isIpAddress(address)) {
            return refused("node.metadata.weir.listen_address", address, "an IP address");
        }
        Value said = fields.get(LISTEN_PORT);
        double port = said != null
                ? said.getNumberValue()
                : consumer ? defaults.listenPort() : SidecarProfile.Provider.DEFAULT_PORT;
        if (!(port >= 1 && port <= 65_535) || port != Math.rint(port)) {
            return refused("node.metadata.weir.listen_port", String.valueOf(port), "1-65535");
        }
        String authorities = text(fields, AUTHORITIES, SidecarProfile.USUAL_AUTHORITIES.get(0));
        if (!isPath(authorities) || !authorities.startsWith("/")) {
            return refused(
                    "node.metadata.weir.authorities",
                    authorities,
                    "an absolute path, 1-" + MAX_PATH + " characters, no control characters");
        }
        String certificates = text(fields, CERTIFICATES, SidecarProfile.USUAL_CERTIFICATES);
        if (!isPath(certificates)) {
            return refused(
                    "node.metadata.weir.certificates",
                    certificates,
                    "a folder, 1-" + MAX_PATH + " characters, no control characters");
        }
        NodeIdentity hello =
                consumer ? consumer(id, address, (int) port, fields) : provider(id, address, (int) port, fields);
        return hello instanceof NodeIdentity.Accepted accepted
                ? new NodeIdentity.Accepted(
                        id, accepted.profile().withAuthorities(authorities).withCertificates(certificates))
                : hello;
    }

    private static boolean isPath(String text) {
        return !text.isEmpty() && text.length() <= MAX_PATH && text.chars().noneMatch(Character::isISOControl);
    }

    private static NodeIdentity consumer(String id, String address, int port, Map<String, Value> fields) {
        String path = text(fields, ACCESS_LOG, SidecarProfile.Consumer.DEFAULT.accessLogPath());
        if (!isPath(path)) {
            return refused(
                    "node.metadata.weir.access_log", path, "1-" + MAX_PATH + " characters, no control characters");
        }
        return new NodeIdentity.Accepted(id, new SidecarProfile.Consumer(address, port, path));
    }

    private static NodeIdentity provider(String id, String address, int port, Map<String, Value> fields) {
        List<Value> said = fields.getOrDefault(PROVIDERS, Value.getDefaultInstance())
                .getListValue()
                .getValuesList();
        if (said.isEmpty() || said.size() > MAX_PROVIDERS) {
            return refused(
                    "node.metadata.weir.providers",
                    said.size() + " entries",
                    "a list of 1 - " + MAX_PROVIDERS + " names of providers");
        }
        Set<String> names = new TreeSet<>();
        for (Value name : said) {
            if (!LABEL.matcher(name.getStringValue()).matches() || !names.add(name.getStringValue())) {
                return refused("node.metadata.weir.providers", name.getStringValue(), "names of providers, each once");
            }
        }
        return new NodeIdentity.Accepted(id, new SidecarProfile.Provider(address, port, List.copyOf(names)));
    }

    /** A field's text; "" where it is something else, which every check refuses. */
    private static String text(Map<String, Value> fields, String key, String otherwise) {
        Value value = fields.get(key);
        return value == null ? otherwise : value.getStringValue();
    }

    private static boolean isIpAddress(String text) {
        if (IPV4.matcher(text).matches()) {
            return true;
        }
        if (!IPV6.matcher(text).matches()) {
            return false;
        }
        try {
            // in brackets, so that it is parsed and never looked up
            InetAddress.getByName("[" + text + "]");
            return true;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static NodeIdentity refused(String field, String value, String expectation) {
        return new NodeIdentity.Refused(
                field + ": \"" + PrintableText.shown(value, 64) + "\" (expected: " + expectation + ")");
    }
}
