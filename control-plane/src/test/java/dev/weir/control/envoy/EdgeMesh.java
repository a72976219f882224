package dev.weir.control.envoy;

import dev.weir.control.envoy.RawClient.Received;
import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Mesh;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.testing.PoolMaker;
import dev.weir.xds.testing.EnvoyProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A real sidecar before two providers on raw sockets: pools {@code one} (alpha), {@code two} (alpha, which is asked first, and
 * beta), {@code gone} (nobody listens), {@code none} (no provider is in the split), and {@code /v1/files} (alpha).
 */
final class EdgeMesh implements AutoCloseable {
    static final String DONE = "{\"id\":\"c\",\"object\":\"chat.completion\",\"choices\":[],"
            + "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}";

    final RawProvider alpha = new RawProvider(RawProvider.whole(200, "application/json", DONE));
    final RawProvider beta = new RawProvider(RawProvider.whole(200, "application/json", DONE));
    final TestMesh mesh = new TestMesh();
    final Sidecar sidecar;
    private final Pool one = Meshes.pool("one", new Match.Model("one"), "alpha");
    private final Pool two = Meshes.pool("two", new Match.Model("two"), "alpha", "beta");
    private final Pool gone = Meshes.pool("gone", new Match.Model("gone"), "nobody");
    private final Pool none = Meshes.pool("none", new Match.Model("none"), "alpha");
    private final Pool files = PoolMaker.pool("files", new Match.PathPrefix("/v1/files"), "alpha")
            .operations("POST /v1/files/**", "GET /v1/files/**")
            .make();
    private long sequence;

    EdgeMesh(Path directory) {
        sidecar = Sidecar.start(directory, "edges", mesh.port());
        apply(UnaryOperator.identity());
    }

    /** Pushes the configuration again, with another mesh. */
    void apply(UnaryOperator<Mesh> change) {
        Config config = Meshes.config(
                Policy.WATER_FILLING,
                List.of(
                        Meshes.provider("alpha", alpha.port()),
                        Meshes.provider("beta", beta.port()),
                        Meshes.provider("nobody", EnvoyProcess.freePort())),
                one,
                two,
                gone,
                none,
                files);
        Decision decision = Meshes.decision(
                ++sequence,
                Meshes.decided(one, 1_000_000),
                Meshes.decided(two, 999_999, 1),
                Meshes.decided(gone, 1_000_000),
                Meshes.decided(none),
                Meshes.decided(files, 1_000_000));
        mesh.apply(new Config(change.apply(config.mesh()), config.providers(), config.pools()), decision, sidecar);
    }

    /** Both providers answer each completion again. */
    void reset() {
        alpha.plays(RawProvider.whole(200, "application/json", DONE));
        beta.plays(RawProvider.whole(200, "application/json", DONE));
    }

    /** A completion of {@code model}, on a connection of its own. */
    Received chat(String model, String... headers) {
        return RawClient.post(sidecar.port(), "/v1/chat/completions", "{\"model\":\"" + model + "\"}", headers);
    }

    Received call(String method, String path, String... headers) {
        return RawClient.call(sidecar.port(), method, path, "", headers);
    }

    /** These bytes on a connection of their own. */
    Received raw(String bytes) {
        try (RawClient client = RawClient.connect(sidecar.port())) {
            return client.send(bytes.getBytes(StandardCharsets.ISO_8859_1))
                    .read(bytes.startsWith("HEAD "), Duration.ofSeconds(20));
        }
    }

    @Override
    public void close() {
        sidecar.close();
        mesh.close();
        alpha.close();
        beta.close();
    }
}
