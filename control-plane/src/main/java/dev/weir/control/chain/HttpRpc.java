package dev.weir.control.chain;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.web3j.protocol.Service;

/**
 * JSON-RPC over the JDK's HTTP client. One deadline covers a whole call, so that a node that stops in the middle of an
 * answer costs no more than one that never begins; an answer has a size limit; redirects are not followed.
 */
final class HttpRpc extends Service {
    /** One for all: a client has threads of its own. */
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    private final URI uri;
    private final Duration timeout;
    private final int maxBytes;

    /**
     * @param uri http or https
     * @param timeout for a whole call, connecting included
     * @param maxBytes largest answer
     */
    HttpRpc(URI uri, Duration timeout, int maxBytes) {
        super(false);
        this.uri = uri;
        this.timeout = timeout;
        this.maxBytes = maxBytes;
    }

    /** Host and port: an RPC URL often has a secret in its path. */
    String peer() {
        return uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
    }

    @Override
    protected InputStream performIO(String payload) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .header("content-type", "application/json")
                .header("accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(payload));
        if (uri.getUserInfo() != null) {
            byte[] user = uri.getUserInfo().getBytes(StandardCharsets.UTF_8);
            request.header("authorization", "Basic " + Base64.getEncoder().encodeToString(user));
        }
        CompletableFuture<HttpResponse<byte[]>> call = CLIENT.sendAsync(request.build(), LimitedBody.handler(maxBytes));
        try {
            HttpResponse<byte[]> response = call.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            if (response.statusCode() != 200 && !saysWhy(response)) {
                throw Refused.status(response);
            }
            return new ByteArrayInputStream(response.body());
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + timeout.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LimitedBody.TooLong) {
                throw new Refused(
                        String.valueOf(e.getCause().getMessage()), NodeException.Reason.TOO_LONG, Optional.empty());
            }
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } finally {
            call.cancel(true);
        }
    }

    /** Some nodes send a JSON-RPC error, for instance about a range of blocks, with a status of its own. */
    private static boolean saysWhy(HttpResponse<byte[]> response) {
        int status = response.statusCode();
        String body = new String(response.body(), StandardCharsets.UTF_8);
        return (status == 400 || status == 413 || status == 422)
                && body.stripLeading().startsWith("{")
                && body.contains("\"error\"");
    }

    /** An answer that cannot be used, and what it says about asking again. */
    static final class Refused extends IOException {
        private final transient NodeException.Reason reason;
        private final transient Optional<Duration> retryAfter;

        private Refused(String message, NodeException.Reason reason, Optional<Duration> retryAfter) {
            super(message);
            this.reason = reason;
            this.retryAfter = retryAfter;
        }

        private static Refused status(HttpResponse<byte[]> response) {
            int status = response.statusCode();
            return new Refused(
                    "HTTP status " + status + " (expected: 200)",
                    status == 413 ? NodeException.Reason.TOO_MUCH : NodeException.Reason.OTHER,
                    response.headers()
                            .firstValue("retry-after")
                            .filter(text -> text.matches("\\d{1,9}"))
                            .map(text -> Duration.ofSeconds(Long.parseLong(text))));
        }

        NodeException.Reason reason() {
            return reason;
        }

        /** How long the peer asks to be left alone, of which only seconds are read; a date depends on two clocks. */
        Optional<Duration> retryAfter() {
            return retryAfter;
        }
    }

    @Override
    public void close() {
        // connections belong to the HTTP client, which keeps them for the next call
    }
}
