package dev.weir.control.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.certs.Authority;
import dev.weir.control.certs.Authority.Names;
import dev.weir.control.model.Access;
import dev.weir.xds.peer.Pem;
import dev.weir.xds.peer.TlsIdentity;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Test;

/** The admin port with TLS and tokens. */
final class AdminGuardIT {
    private static final String READ = "token-that-may-read-0123";
    private static final String OTHER = "another-token-0123456789";

    private final Authority authority = Authority.create("test", Instant.now());

    private Access access(Pem pem, String read) {
        return new Access(
                Optional.of(new Access.Tls(pem.certificate(), pem.key(), "")),
                false,
                List.of(new Access.Token(Access.READ, read), new Access.Token(Access.READ, OTHER)));
    }

    private Pem issue() {
        return authority.issue(
                new Names(List.of(), List.of("localhost"), List.of("127.0.0.1")), Instant.now(), Duration.ofDays(1));
    }

    private HttpClient client() throws Exception {
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, new TrustManager[] {TlsIdentity.client(issue()).trust()}, null);
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(trusting)
                .build();
    }

    private static HttpResponse<String> send(
            HttpClient http, AdminServer server, String method, String path, String authorization) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("https://localhost:" + server.address().getPort() + path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void whoever_has_no_token_learns_whether_it_lives_and_nothing_else() throws Exception {
        AdminFixture fixture = new AdminFixture();
        AdminGuard guard = new AdminGuard(access(issue(), READ));
        try (AdminServer server = new AdminServer(
                new InetSocketAddress("127.0.0.1", 0), guard, fixture.sources(), fixture.wallMillis::get)) {
            HttpClient http = client();
            for (String path : List.of("/", "/metrics", "/v1/sidecars", "/v1/calls", "/nowhere", "/healthz/")) {
                for (String wrong : List.of("", "Bearer", "Bearer ", "Bearer x" + READ, "Basic !", "Basic " + READ)) {
                    HttpResponse<String> reply = send(http, server, "GET", path, wrong);
                    assertThat(reply.statusCode()).as(path + " " + wrong).isEqualTo(401);
                    assertThat(reply.headers().firstValue("www-authenticate")).isPresent();
                    assertThat(reply.body()).doesNotContain("weir_x", READ);
                }
                assertThat(send(http, server, "POST", path, "").statusCode()).isEqualTo(401);
            }
            assertThat(send(http, server, "GET", "/healthz", "").statusCode()).isEqualTo(200);
            assertThat(send(http, server, "GET", "/readyz", "").statusCode()).isEqualTo(503);

            String basic =
                    "Basic " + Base64.getEncoder().encodeToString(("me:" + READ).getBytes(StandardCharsets.UTF_8));
            for (String right : List.of("Bearer " + READ, "bearer " + READ, basic, "Bearer " + OTHER)) {
                assertThat(send(http, server, "GET", "/metrics", right).body()).contains("weir_x");
            }
            assertThat(send(http, server, "POST", "/metrics", "Bearer " + READ).statusCode())
                    .isEqualTo(405);
            assertThat(send(http, server, "DELETE", "/v1/calls", basic).statusCode())
                    .isEqualTo(405);
            assertThat(send(http, server, "POST", "/metrics", "Bearer " + OTHER).statusCode())
                    .isEqualTo(405);
        }
    }

    @Test
    void certificate_and_tokens_change_while_it_runs() throws Exception {
        AdminFixture fixture = new AdminFixture();
        AdminGuard guard = new AdminGuard(access(issue(), READ));
        try (AdminServer server = new AdminServer(
                new InetSocketAddress("127.0.0.1", 0), guard, fixture.sources(), fixture.wallMillis::get)) {
            HttpResponse<String> before = send(client(), server, "GET", "/metrics", "Bearer " + READ);
            assertThat(before.statusCode()).isEqualTo(200);
            guard.configure(access(issue(), "another-token-that-may-read"));
            HttpClient http = client();
            HttpResponse<String> after = send(http, server, "GET", "/metrics", "Bearer another-token-that-may-read");
            assertThat(after.statusCode()).isEqualTo(200);
            assertThat(send(http, server, "GET", "/metrics", "Bearer " + READ).statusCode())
                    .isEqualTo(401);
            assertThat(serial(after)).isNotEqualTo(serial(before));
        }
    }

    private static Object serial(HttpResponse<String> reply) throws Exception {
        return ((X509Certificate) reply.sslSession().orElseThrow().getPeerCertificates()[0]).getSerialNumber();
    }
}
