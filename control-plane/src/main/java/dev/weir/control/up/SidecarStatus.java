package dev.weir.control.up;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Looks at a sidecar on this machine, whether a request can go through. Sends none through it: that would be a call, with a row in
 * the ledger.
 */
final class SidecarStatus {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private static final Pattern CONNECTED = line("control_plane\\.connected_state: 1");
    private static final Pattern ROUTED = line("http\\..*\\.rds\\..*\\.update_success: [1-9]\\d*");
    /** Members of pools have a bar in their clusters' names, the control plane's clusters have none. */
    private static final Pattern ADDRESSED = line("cluster\\..*\\|.*\\.membership_total: [1-9]\\d*");

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final InetSocketAddress agents;
    private final URI stats;

    /**
     * @param agents where agents call it
     * @param admin its admin port
     */
    SidecarStatus(InetSocketAddress agents, URI admin) {
        this.agents = agents;
        this.stats = admin.resolve("/stats?filter=connected_state%7Cmembership_total%7Crds.*update_success");
    }

    /** What a request would still fail for; empty = for nothing here. */
    Optional<String> missing() throws InterruptedException {
        if (!listens()) {
            return Optional.of("the sidecar does not listen yet");
        }
        return missing(stats());
    }

    /** @param stats Envoy's, as text */
    static Optional<String> missing(String stats) {
        if (!CONNECTED.matcher(stats).find()) {
            return Optional.of("the sidecar is not connected to the control plane");
        }
        if (!ROUTED.matcher(stats).find()) {
            return Optional.of("the sidecar has no routes");
        }
        return ADDRESSED.matcher(stats).find()
                ? Optional.empty()
                : Optional.of("no pool has a provider whose address is known");
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(agents, (int) TIMEOUT.toMillis());
            return true;
        } catch (IOException e) {
            return false; // not there, or not yet
        }
    }

    private String stats() throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(stats).timeout(TIMEOUT).build();
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200 ? answer.body() : "";
        } catch (IOException e) {
            return ""; // not there, or not yet
        }
    }

    private static Pattern line(String text) {
        return Pattern.compile("^" + text + "$", Pattern.MULTILINE);
    }
}
