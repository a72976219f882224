package dev.weir.xds.delivery;

import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads a sidecar's node: its id, and its profile from the metadata struct {@code weir}. */
final class HelloReader {
    private static final int MAX_NODE_ID = 256;
    private static final int MAX_PATH = 1_024;
    private static final String LISTEN_ADDRESS = "listen_address";
    private static final String LISTEN_PORT = "listen_port";
    private static final String ACCESS_LOG = "access_log";
    private static final Set<String> KEYS = Set.of(LISTEN_ADDRESS, LISTEN_PORT, ACCESS_LOG);
    private static final Pattern IPV4 = Pattern.compile("((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(?!$)|$)){4}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]{2,45}");

    private HelloReader() {}

    static Hello read(Node node) {
        String id = node.getId();
        if (id.isEmpty() || id.length() > MAX_NODE_ID || !id.chars().allMatch(c -> c > ' ' && c <= '~')) {
            return refused("node.id", id, "1-" + MAX_NODE_ID + " printable ASCII characters");
        }
        Value metadata = node.getMetadata().getFieldsOrDefault("weir", Value.getDefaultInstance());
        if (metadata.hasStructValue()) {
            return profile(id, metadata.getStructValue().getFieldsMap());
        }
        return metadata.getKindCase() == Value.KindCase.KIND_NOT_SET
                ? new Hello.Accepted(id, SidecarProfile.DEFAULT)
                : refused("node.metadata.weir", metadata.getKindCase().name(), "a struct");
    }

    private static Hello profile(String id, Map<String, Value> fields) {
        for (String key : fields.keySet()) {
            if (!KEYS.contains(key)) {
                return refused("node.metadata.weir", key, "keys listen_address, listen_port, access_log");
            }
        }
        SidecarProfile defaults = SidecarProfile.DEFAULT;
        String address = text(fields, LISTEN_ADDRESS, defaults.listenAddress());
        if (!isIpAddress(address)) {
            return refused("node.metadata.weir.listen_address", address, "an IP address");
        }
        Value said = fields.get(LISTEN_PORT);
        double port = said == null ? defaults.listenPort() : said.getNumberValue();
        if (!(port >= 1 && port <= 65_535) || port != Math.rint(port)) {
            return refused("node.metadata.weir.listen_port", String.valueOf(port), "1-65535");
        }
        String path = text(fields, ACCESS_LOG, defaults.accessLogPath());
        if (path.isEmpty() || path.length() > MAX_PATH || path.chars().anyMatch(Character::isISOControl)) {
            return refused(
                    "node.metadata.weir.access_log", path, "1-" + MAX_PATH + " characters, no control characters");
        }
        return new Hello.Accepted(id, new SidecarProfile(address, (int) port, path));
    }

    /** "" where there is something that is no text: every check refuses it. */
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

    private static Hello refused(String field, String value, String expectation) {
        StringBuilder shown = new StringBuilder();
        value.chars().limit(64).forEach(c -> shown.append(c >= ' ' && c <= '~' ? (char) c : '?'));
        return new Hello.Refused(field + ": \"" + shown + "\" (expected: " + expectation + ")");
    }
}
