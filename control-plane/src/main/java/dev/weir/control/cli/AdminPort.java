package dev.weir.control.cli;

import dev.weir.control.model.Loopback;
import dev.weir.xds.peer.Authorities;
import dev.weir.xds.peer.BearerToken;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of a command that asks a running control plane. */
final class AdminPort {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @Option(
            names = "--admin",
            paramLabel = "URL",
            description = "Admin port of the control plane, by default http://127.0.0.1:18001.")
    URI admin = URI.create("http://127.0.0.1:18001");

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "File with a token of Mesh.spec.admin.tokens, for a port that wants one.")
    @Nullable
    Path tokenFile;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description =
                    "PEM file of the authorities that an https URL's certificate may be of, as ca.crt of weir certs; by"
                            + " default those that Java trusts.")
    @Nullable
    Path ca;

    /**
     * The admin port's answer to GET.
     *
     * @throws IOException when nobody answers
     * @throws IllegalArgumentException when an option is wrong; the message says which
     */
    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        boolean https = "https".equalsIgnoreCase(admin.getScheme());
        HttpRequest.Builder request = to(path).timeout(TIMEOUT);
        HttpClient.Builder client =
                HttpClient.newBuilder().connectTimeout(TIMEOUT).version(HttpClient.Version.HTTP_1_1);
        if (tokenFile != null) {
            if (!https && !Loopback.is(host())) {
                throw new IllegalArgumentException(
                        "--token-file: \"" + tokenFile
                                + "\" (expected: an https URL with it, or one on loopback: in plain text anybody could read the token)");
            }
            request.header("Authorization", header(tokenFile));
        }
        if (ca != null) {
            if (!https) {
                throw new IllegalArgumentException("--ca: \"" + ca + "\" (expected: an https URL with it)");
            }
            client.sslContext(trusting(ca));
        }
        return client.build().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder to(String path) {
        try {
            return HttpRequest.newBuilder(admin.resolve(path));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--admin: \"" + admin + "\" (expected: the admin port of a running control plane: " + e.getMessage()
                            + "; or use --config DIR)",
                    e);
        }
    }

    private String host() {
        String host = admin.getHost() == null ? "" : admin.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static String header(Path file) throws IOException {
        try {
            return BearerToken.header(file);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--token-file: " + e.getMessage(), e);
        }
    }

    private static SSLContext trusting(Path file) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            Authorities authorities = Authorities.ofServers(Files.readString(file));
            context.init(null, new TrustManager[] {authorities.trust()}, null);
            return context;
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--ca: \"" + file + "\" (expected: a PEM file of certificates; " + e.getMessage() + ")", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every Java has TLS
        }
    }
}
