package dev.weir.control.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.certs.Authority;
import dev.weir.control.certs.Authority.Names;
import dev.weir.control.certs.CertificateFolder;
import dev.weir.control.model.Access;
import dev.weir.control.model.Consumers;
import dev.weir.xds.peer.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AccessReaderTest {
    private static final String FILES = "certFile: own/tls.crt, keyFile: own/tls.key";

    @TempDir
    Path directory;

    private final Authority authority = Authority.create("test", Instant.now());

    @BeforeEach
    void certificates() throws IOException {
        write(issue());
        Files.writeString(directory.resolve("token"), "0123456789abcdef\n");
        Files.writeString(directory.resolve("short"), "0123456789\n");
    }

    private Pem issue() {
        return authority.issue(
                new Names(java.util.List.of(), java.util.List.of("weir-control-plane"), java.util.List.of()),
                Instant.now(),
                Duration.ofDays(1));
    }

    private void write(Pem pem) throws IOException {
        new CertificateFolder(directory.resolve("own")).write(pem);
    }

    private LoadedConfig load(String xds, String sidecar) throws IOException {
        mesh(xds, sidecar);
        return new ConfigFiles(directory).load();
    }

    private void mesh(String xds, String sidecar) throws IOException {
        Files.writeString(directory.resolve("mesh.yaml"), """
                apiVersion: weir.dev/v1alpha1
                kind: Mesh
                metadata: {name: m}
                spec: {xds: {%s}}
                ---
                apiVersion: weir.dev/v1alpha1
                kind: Provider
                metadata: {name: p}
                spec: {endpoint: {host: a.test, port: 80}, sidecar: {host: 127.0.0.1, port: 81%s}}
                """.formatted(xds, sidecar));
    }

    private String problems(String xds, String sidecar) throws IOException {
        return load(xds, sidecar).problems().toString();
    }

    @Test
    void elsewhere_than_on_loopback_there_is_tls_or_the_word_insecure() throws IOException {
        for (String listen : new String[] {"0.0.0.0:0", "[::]:0", "10.1.2.3:0"}) {
            assertThat(problems("listen: '" + listen + "'", ""))
                    .contains("spec.xds.tls")
                    .contains("insecure: true");
            assertThat(load("listen: '" + listen + "', insecure: true", "").problems())
                    .isEmpty();
            assertThat(load("listen: '" + listen + "', tls: {" + FILES + ", clientCaFile: own/ca.crt}", ", identity: s")
                            .problems())
                    .isEmpty();
        }
        assertThat(load("listen: '127.1.2.3:0'", "").problems()).isEmpty();
        assertThat(load("listen: '[::1]:0'", "").problems()).isEmpty();
    }

    @Test
    void the_admin_port_elsewhere_has_tls_and_tokens() throws IOException {
        String tls = ", tls: {" + FILES + "}";
        String tokens = ", tokens: [{role: %s, valueFrom: {file: token}}]";
        String open = "}, admin: {listen: '0.0.0.0:0'";
        assertThat(problems("listen: '127.0.0.1:0'" + open, "")).contains("spec.admin.tls", "spec.admin.tokens");
        assertThat(problems("listen: '127.0.0.1:0'" + open + tls, "")).contains("spec.admin.tokens");
        assertThat(problems("listen: '127.0.0.1:0'" + open + tokens.formatted("read"), ""))
                .contains("spec.admin.tls");
        assertThat(problems("listen: '127.0.0.1:0'" + open + ", insecure: true", ""))
                .contains("spec.admin.insecure");
        assertThat(problems("listen: '127.0.0.1:0'" + open + tls + tokens.formatted("act"), ""))
                .contains("spec.admin.tokens[0].role");
        assertThat(problems("listen: '127.0.0.1:0'" + open + tls + ", tokens: []", ""))
                .contains("spec.admin.tokens");
        LoadedConfig good = load("listen: '127.0.0.1:0'" + open + tls + tokens.formatted("read"), "");
        assertThat(good.problems()).isEmpty();
        assertThat(good.config().orElseThrow().mesh().admin().access().tokens())
                .containsExactly(new Access.Token(Access.READ, "0123456789abcdef"));
    }

    @Test
    void what_does_not_fit_together_is_refused() throws IOException {
        String whole = "tls: {" + FILES + ", clientCaFile: own/ca.crt}";
        assertThat(problems(whole, "")).contains("spec.sidecar.identity");
        assertThat(problems(whole + ", insecure: true", ", identity: s")).contains("spec.xds.insecure");
        assertThat(problems("tls: {" + FILES + "}", ", identity: s")).contains("spec.xds.tls.clientCaFile");
        assertThat(problems("tls: {certFile: own/tls.crt}", ", identity: s")).contains("spec.xds.tls.keyFile");
        assertThat(problems(
                        "tls: {certFile: own/tls.key, keyFile: own/tls.key, clientCaFile: own/ca.crt}",
                        ", identity: s"))
                .contains("certificate: cannot be read")
                .doesNotContain("BEGIN");
        assertThat(problems("tls: {certFile: own/tls.crt, keyFile: token, clientCaFile: own/ca.crt}", ", identity: s"))
                .contains("key: cannot be read")
                .doesNotContain("0123456789");
        assertThat(problems(
                        "tls: {certFile: own/ca.crt, keyFile: own/tls.key, clientCaFile: own/ca.crt}", ", identity: s"))
                .contains("key: of another certificate");
        String token = "tokens: [{identity: a, valueFrom: {file: %s}}]";
        assertThat(problems(token.formatted("token"), ""))
                .contains("only with tls")
                .doesNotContain("0123456789");
        assertThat(problems("tls: {" + FILES + "}, " + token.formatted("short"), ", identity: s"))
                .contains("16 to 4096")
                .doesNotContain("0123456789");
        for (String identity :
                new String[] {"'*.test'", "10.1.2.3", "spiffe://Weir/a", "'spiffe://weir'", "'a b'", "'::1'"}) {
            assertThat(problems(whole, ", identity: " + identity)).as(identity).contains("spec.sidecar.identity");
        }
        LoadedConfig good =
                load("tls: {" + FILES + "}, " + token.formatted("token"), ", identity: 'spiffe://weir/side/p'");
        assertThat(good.problems()).isEmpty();
        Access access = good.config().orElseThrow().mesh().sidecars().access();
        assertThat(access.tokens()).containsExactly(new Access.Token("a", "0123456789abcdef"));
        assertThat(good.config().toString()).doesNotContain("0123456789", "BEGIN");
    }

    @Test
    void a_renewed_certificate_is_taken_when_all_of_it_is_there_and_the_proof_itself_stays() throws IOException {
        String xds = "tls: {" + FILES + ", clientCaFile: own/ca.crt}";
        LoadedConfig first = load(xds, ", identity: s");
        Pem next = issue();
        Files.writeString(directory.resolve("own/tls.crt"), next.certificate());
        LoadedConfig half = new ConfigFiles(directory).loader.reload(first);
        assertThat(half.problems().toString()).contains("key: of another certificate");
        assertThat(half.config()).isEqualTo(first.config());
        Files.writeString(directory.resolve("own/tls.key"), next.key());
        LoadedConfig whole = new ConfigFiles(directory).loader.reload(half);
        assertThat(whole.problems()).isEmpty();
        assertThat(whole.config()
                        .orElseThrow()
                        .mesh()
                        .sidecars()
                        .access()
                        .tls()
                        .orElseThrow()
                        .certificate())
                .isEqualTo(next.certificate());
        mesh("insecure: true", ", identity: s");
        LoadedConfig other = new ConfigFiles(directory).loader.reload(whole);
        assertThat(other.problems().toString()).contains("needs a restart");
        assertThat(other.config()).isEqualTo(whole.config());
    }

    private LoadedConfig side(String consumers, String sidecar) throws IOException {
        Files.writeString(directory.resolve("mesh.yaml"), """
                apiVersion: weir.dev/v1alpha1
                kind: Mesh
                metadata: {name: m}
                spec: {%s}
                ---
                apiVersion: weir.dev/v1alpha1
                kind: Provider
                metadata: {name: p}
                spec: {endpoint: {host: a.test, port: 80}, sidecar: {port: 81, %s}}
                """.formatted(consumers, sidecar));
        return new ConfigFiles(directory).load();
    }

    private static Optional<String> proven(LoadedConfig loaded) {
        return requireNonNull(loaded.config().orElseThrow().providers().get("p"))
                .proxy()
                .orElseThrow()
                .proven();
    }

    @Test
    void a_side_elsewhere_than_on_loopback_has_an_identity_and_consumers_or_the_word_insecure() throws IOException {
        String named = "consumers: ['spiffe://m/consumer/*']";
        for (String host : new String[] {"b.test", "10.1.2.3", "'2001:db8::1'", "0.0.0.0", "'::ffff:10.0.0.1'"}) {
            String there = "host: " + host;
            assertThat(side(named, there).problems().toString())
                    .as(host)
                    .contains("spec.sidecar.identity", "can be reached from elsewhere", "insecure: true");
            assertThat(side("", there + ", identity: 'spiffe://m/side/b'")
                            .problems()
                            .toString())
                    .contains("spec.sidecar.host", "Mesh.spec.consumers");
            assertThat(side("", there + ", insecure: true").problems()).isEmpty();
            LoadedConfig good = side(named, there + ", identity: 'spiffe://m/side/b'");
            assertThat(good.problems()).isEmpty();
            assertThat(proven(good)).contains("spiffe://m/side/b");
        }
        for (String host : new String[] {"localhost", "127.1.2.3", "'::1'"}) {
            LoadedConfig near = side("", "host: " + host + ", identity: 'spiffe://m/side/b'");
            assertThat(near.problems()).isEmpty();
            assertThat(proven(near)).as(host).isEmpty();
        }
    }

    @Test
    void consumers_are_identities_or_all_below_a_spiffe_id() throws IOException {
        for (String bad :
                new String[] {"'*'", "'*.test'", "'a.test/*'", "'spiffe://m*'", "'spiffe://M/*'", "10.0.0.1"}) {
            assertThat(side("consumers: [a, " + bad + "]", "host: '::1'")
                            .problems()
                            .toString())
                    .as(bad)
                    .contains("spec.consumers[1]", "a SPIFFE id");
        }
        assertThat(side("consumers: []", "host: '::1'").problems().toString()).contains("spec.consumers");
        Consumers good = side("consumers: [a.test, 'spiffe://m/consumer/*']", "host: '::1'")
                .config()
                .orElseThrow()
                .mesh()
                .consumers();
        assertThat(good.admit("a.test")).isTrue();
        assertThat(good.admit("spiffe://m/consumer/7")).isTrue();
        assertThat(good.admit("spiffe://m/consumerx/7")).isFalse();
        assertThat(good.admit("spiffe://m/consumer")).isFalse();
        assertThat(good.admit("b.a.test")).isFalse();
    }

    @Test
    void consumers_that_a_side_needs_are_not_taken_away_by_a_reload() throws IOException {
        String elsewhere = "host: b.test, identity: 'spiffe://m/side/b'";
        LoadedConfig first = side("consumers: ['spiffe://m/consumer/*']", elsewhere);
        side("", elsewhere);
        LoadedConfig second = new ConfigFiles(directory).loader.reload(first);
        assertThat(second.problems().toString()).contains("spec.sidecar.host", "Mesh.spec.consumers");
        assertThat(second.config()).isEqualTo(first.config());
        side("", "host: b.test, insecure: true");
        LoadedConfig third = new ConfigFiles(directory).loader.reload(second);
        assertThat(third.problems()).isEmpty();
        assertThat(third.config().orElseThrow().mesh().consumers()).isEqualTo(Consumers.UNNAMED);
    }
}
