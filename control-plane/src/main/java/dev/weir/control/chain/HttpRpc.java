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
            if (response.statusCode() != 200) {
                throw new IOException("HTTP status " + response.statusCode() + " (expected: 200)");
            }
            return new ByteArrayInputStream(response.body());
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + timeout.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } finally {
            call.cancel(true);
        }
    }

    @Override
    public void close() {
        // connections belong to the HTTP client, which keeps them for the next call
    }
}
