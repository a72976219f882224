package dev.weir.control.collect;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Envoy's admin port, as far as logs go. All answers come later; an exception when it refuses or does not answer. */
final class SidecarAdmin {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private static final String FAILED = "filesystem.write_failed";

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final URI reopen;
    private final URI writes;

    SidecarAdmin(HostPort address) {
        this.reopen = URI.create("http://" + address + "/reopen_logs");
        this.writes = URI.create("http://" + address + "/stats?filter=%5E" + FAILED + "%24");
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

    /** Writes to its logs that failed since its start. */
    CompletableFuture<Long> failedWrites() {
        HttpRequest request =
                HttpRequest.newBuilder(writes).timeout(TIMEOUT).GET().build();
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofString()).thenApply(response -> {
            String body = response.body().trim();
            String prefix = FAILED + ": ";
            if (response.statusCode() != 200 || !body.matches(prefix + "[0-9]{1,18}")) {
                throw new CompletionException(
                        new IOException("status " + response.statusCode() + " (expected: " + prefix + "a number)"));
            }
            return Long.parseLong(body.substring(prefix.length()));
        });
    }
}
