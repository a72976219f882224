package dev.weir.control.collect;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Envoy's admin port, as far as logs go. */
final class SidecarAdmin {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final URI reopen;

    SidecarAdmin(HostPort address) {
        this.reopen = URI.create("http://" + address + "/reopen_logs");
    }

    /** Asks the sidecar to open its logs anew, by name. Completes exceptionally when it refuses or does not answer. */
    CompletableFuture<Void> reopenLogs() {
        HttpRequest request = HttpRequest.newBuilder(reopen)
                .timeout(TIMEOUT)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        return http.sendAsync(request, HttpResponse.BodyHandlers.discarding()).thenCompose(response -> {
            int status = response.statusCode();
            return status == 200
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.failedFuture(new IOException("status " + status + " (expected: 200)"));
        });
    }
}
