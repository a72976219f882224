package dev.weir.control.server;

import static org.awaitility.Awaitility.await;

import dev.weir.control.certs.Authority;
import dev.weir.control.certs.Authority.Names;
import dev.weir.control.certs.CertificateFolder;
import dev.weir.control.config.ConfigFeed;
import dev.weir.control.config.DirectorySource;
import dev.weir.control.config.LoadedConfig;
import dev.weir.control.testbed.SidecarBootstrap;
import dev.weir.v1.CollectRequest;
import dev.weir.v1.CollectResponse;
import dev.weir.v1.CollectorGrpc;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.peer.Pem;
import dev.weir.xds.peer.TlsIdentity;
import dev.weir.xds.testing.EnvoyProcess;
import dev.weir.xds.testing.ProviderFake;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A control plane that asks for proof, in this process, and providers with keys: {@code alpha} is called by consumers, {@code
 * beta} and {@code gamma} by the sides {@code egress-1} and {@code egress-2}.
 */
public final class ProvenMesh implements AutoCloseable {
    public static final Duration PATIENCE = Duration.ofSeconds(30);
    static final Duration LIFE = Duration.ofDays(1);
    static final String TOKEN = "token-of-consumer-9-0123456789";

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Path directory;
    private final Authority authority = Authority.create("test", Instant.now());
    private final ProviderFake provider = new ProviderFake(200);
    private final String text;
    private final ControlPlane controlPlane;
    private final SlowLine line;
    private final List<EnvoyProcess> envoys = new ArrayList<>();

    public ProvenMesh(Path directory, String poolFields) throws IOException {
        this.directory = directory;
        Path config = Files.createDirectories(directory.resolve("config"));
        writeControlPlane(issue(authority, server()));
        Files.writeString(config.resolve("token"), TOKEN + "\n");
        StringBuilder objects = new StringBuilder("""
                apiVersion: weir.dev/v1alpha1
                kind: Mesh
                metadata: {name: test}
                spec:
                  consumers: ['spiffe://test/consumer/*', consumer-9]
                  xds:
                    listen: '127.0.0.1:0'
                    tls: {certFile: control-plane/tls.crt, keyFile: control-plane/tls.key, clientCaFile: control-plane/ca.crt}
                    tokens: [{identity: consumer-9, valueFrom: {file: token}}]
                  admin: {listen: '127.0.0.1:0'}
                """);
        for (String name : List.of("alpha", "beta", "gamma")) {
            String side = name.equals("alpha") ? "" : name.equals("beta") ? "egress-1" : "egress-2";
            objects.append("""
                    ---
                    apiVersion: weir.dev/v1alpha1
                    kind: Provider
                    metadata: {name: %s}
                    spec:
                      endpoint: {host: 127.0.0.1, port: %d}
                      credentials: {prefix: 'Bearer ', value: %s}
                      capacity: {workUnitsPerSecond: 1000, slots: 100}
                      %s
                    ---
                    apiVersion: weir.dev/v1alpha1
                    kind: ProviderPool
                    metadata: {name: %s}
                    spec: {match: {model: %s}, providers: [{provider: %s}]%s}
                    """.formatted(
                    name,
                    provider.port(),
                    key(name),
                    side.isEmpty()
                            ? ""
                            : "sidecar: {host: 127.0.0.1, port: 1, identity: 'spiffe://test/side/" + side + "'}",
                    name,
                    name,
                    name,
                    poolFields));
        }
        text = objects.toString();
        Files.writeString(config.resolve("mesh.yaml"), text);
        ConfigFeed feed = new ConfigFeed(new DirectorySource(config, name -> Optional.empty()));
        LoadedConfig loaded = feed.first();
        if (!loaded.problems().isEmpty()) {
            throw new IllegalStateException(loaded.problems().toString());
        }
        controlPlane = new ControlPlane(feed, Outside.real());
        line = new SlowLine(controlPlane.xdsPort());
        await().atMost(PATIENCE).until(() -> admin("/readyz").startsWith("ok"));
    }

    /** The secret that a provider's side, and nobody else, may see. */
    static String key(String provider) {
        return "SECRET-OF-" + provider;
    }

    public static Names server() {
        return new Names(List.of(), List.of("weir-control-plane"), List.of("127.0.0.1"));
    }

    public static Names consumer(String node) {
        return Names.spiffe("spiffe://test/consumer/" + node);
    }

    public static Names side(String node) {
        return Names.spiffe("spiffe://test/side/" + node);
    }

    public static Pem issue(Authority by, Names names) {
        return by.issue(names, Instant.now(), LIFE);
    }

    public Authority authority() {
        return authority;
    }

    int xdsPort() {
        return controlPlane.xdsPort();
    }

    ProviderFake provider() {
        return provider;
    }

    /** Changes the configuration as it was at the start; it counts within about a second. */
    void configure(String was, String is) throws IOException {
        if (!text.contains(was)) {
            throw new IllegalArgumentException(was + ": not in\n" + text);
        }
        Files.writeString(directory.resolve("config/mesh.yaml"), text.replace(was, is));
    }

    /** Where the configuration looks for the control plane's certificate. */
    public void writeControlPlane(Pem pem) throws IOException {
        new CertificateFolder(directory.resolve("config/control-plane")).write(pem);
    }

    /** A folder with these certificates. */
    public Path folder(String name, Pem pem) throws IOException {
        Path folder = directory.resolve("certs").resolve(name);
        new CertificateFolder(folder).write(pem);
        return folder;
    }

    /** A sidecar that says it is {@code node}; it may well not be let in. */
    public EnvoyProcess sidecar(String node, int port, Path certificates) throws IOException {
        Path own = Files.createDirectories(directory.resolve("sidecar-" + envoys.size()));
        EnvoyProcess envoy = EnvoyProcess.start(
                own,
                SidecarBootstrap.consumer()
                        .withNode(node)
                        .withProfile(new SidecarProfile.Consumer("127.0.0.1", port, "access.log"))
                        .withControlPlane("127.0.0.1", line.port(), certificates)
                        .text());
        envoys.add(envoy);
        return envoy;
    }

    /** A side that says it is {@code node} and asks for {@code providers}. */
    public EnvoyProcess side(String node, int port, List<String> providers, Path certificates) throws IOException {
        Path own = Files.createDirectories(directory.resolve("sidecar-" + envoys.size()));
        EnvoyProcess envoy = EnvoyProcess.start(
                own,
                SidecarBootstrap.egress()
                        .withNode(node)
                        .withProfile(new SidecarProfile.Provider("127.0.0.1", port, providers))
                        .withControlPlane("127.0.0.1", line.port(), certificates)
                        .text());
        envoys.add(envoy);
        return envoy;
    }

    /** Status of a call for a model; -1 = nobody listens there. */
    public static int call(int port, String model) {
        try {
            return HTTP.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
                                    .timeout(Duration.ofSeconds(10))
                                    .header("content-type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"" + model + "\"}"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .statusCode();
        } catch (IOException e) {
            return -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public String admin(String path) {
        try {
            return HTTP.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                                            + controlPlane.adminAddress().getPort() + path))
                                    .timeout(Duration.ofSeconds(10))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Refusals because of who somebody is. */
    public double refusals() {
        Matcher line = Pattern.compile("(?m)^weir_\\w*rejected\\w*\\{[^}]*kind=\"identity\"[^}]*} (\\S+)$")
                .matcher(admin("/metrics"));
        return line.find() ? Double.parseDouble(line.group(1)) : 0;
    }

    /** Breaks the connections of all sidecars, which dial again. */
    public void breakConnections() throws IOException {
        line.cut();
    }

    /** A connection of whoever shows these certificates. */
    ManagedChannel channel(Pem pem) {
        TlsIdentity identity = TlsIdentity.client(pem);
        return Grpc.newChannelBuilderForAddress(
                        "127.0.0.1",
                        xdsPort(),
                        TlsChannelCredentials.newBuilder()
                                .keyManager(identity.keys())
                                .trustManager(identity.trust())
                                .build())
                .build();
    }

    /** Whether whoever shows these certificates may ask as {@code node}. */
    public boolean admits(String node, Pem pem) {
        ManagedChannel channel = channel(pem);
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        StreamObserver<CollectRequest> requests = CollectorGrpc.newStub(channel)
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .collect(new StreamObserver<>() {
                    @Override
                    public void onNext(CollectResponse response) {
                        answer.complete(true);
                    }

                    @Override
                    public void onError(Throwable error) {
                        answer.complete(false);
                    }

                    @Override
                    public void onCompleted() {
                        answer.complete(false);
                    }
                });
        requests.onNext(CollectRequest.newBuilder()
                .setSidecar(node)
                .setFileId("1-" + "0".repeat(32))
                .build());
        try {
            return answer.join();
        } finally {
            channel.shutdownNow();
        }
    }

    @Override
    public void close() throws IOException {
        envoys.forEach(EnvoyProcess::close);
        line.close();
        controlPlane.close();
        provider.close();
    }
}
