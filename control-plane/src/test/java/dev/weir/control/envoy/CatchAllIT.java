package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.RawClient.Received;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pool that takes every path takes every model, and still no operation but those that are known. */
final class CatchAllIT {
    @Test
    void every_model_and_no_other_operation(@TempDir Path directory) {
        Pool all = Meshes.pool("all", new Match.PathPrefix("/"), "p");
        Pool slash = Meshes.pool("slash", new Match.PathPrefix("/sub/"), "p");
        try (FakeProvider provider = new FakeProvider();
                TestMesh mesh = new TestMesh();
                Sidecar sidecar = Sidecar.start(directory, "all", mesh.port())) {
            Config config =
                    Meshes.config(Policy.WATER_FILLING, List.of(Meshes.provider("p", provider.port())), all, slash);
            mesh.apply(
                    config,
                    Meshes.decision(1, Meshes.decided(all, 1_000_000), Meshes.decided(slash, 1_000_000)),
                    sidecar);

            for (String path : List.of("/v1/embeddings", "/chat/completions", "/api/chat", "/sub/embeddings")) {
                for (String body : List.of("{\"model\":\"any\"}", "{\"input\":1}", "[1]")) {
                    assertThat(RawClient.post(sidecar.port(), path, body).status())
                            .as(path)
                            .isEqualTo(200);
                    assertThat(provider.last().path()).isEqualTo(path);
                }
            }
            int before = provider.seen().size();
            for (String path : List.of(
                    "/v1/organization/api_keys",
                    "/v1/files",
                    "/",
                    "/x",
                    "/sub",
                    "/sub/",
                    "/sub/keys",
                    "/sub/x/embeddings",
                    "/v1/x;y/embeddings")) {
                for (String method : List.of("POST", "GET", "DELETE")) {
                    Received reply = RawClient.call(
                            sidecar.port(), method, path, "{\"model\":\"m\"}", "content-type", "application/json");
                    assertThat(reply.status()).as(method + " " + path).isEqualTo(404);
                }
            }
            assertThat(provider.seen()).hasSize(before);
            assertThat(mesh.refusals()).isEmpty();
        }
    }
}
