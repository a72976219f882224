package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.Sidecar.Reply;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.xds.telemetry.AccessRecord;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A real sidecar before providers that tests answer for. The first member of a pool is asked first, the others on a retry. */
final class FakeMesh implements AutoCloseable {
    final TestMesh mesh = new TestMesh();
    final Sidecar sidecar;
    private final List<FakeProvider> providers;

    /** @param providers by the names that the pools know */
    FakeMesh(Path directory, Map<String, FakeProvider> providers, Pool... pools) {
        this.providers = List.copyOf(providers.values());
        Config config = Meshes.config(
                Policy.WATER_FILLING,
                providers.entrySet().stream()
                        .map(each ->
                                Meshes.provider(each.getKey(), each.getValue().port()))
                        .toList(),
                pools);
        sidecar = Sidecar.start(directory, "fakes", mesh.port());
        mesh.apply(
                config,
                Meshes.decision(1, Arrays.stream(pools).map(FakeMesh::first).toArray(PoolProposal[]::new)),
                sidecar);
    }

    private static PoolProposal first(Pool pool) {
        int[] weights = new int[pool.members().size()];
        Arrays.fill(weights, 1);
        weights[0] = 1_000_000 - (weights.length - 1);
        return Meshes.decided(pool, weights);
    }

    /** The record of a call that was served. */
    AccessRecord call(Reply reply) {
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        return sidecar.call(reply);
    }

    /** Nothing was refused, no script failed; and providers answer each completion again. */
    void assertSound() {
        providers.forEach(provider -> provider.answers(FakeProvider::complete));
        assertThat(mesh.refusals()).isEmpty();
        assertThat(sidecar.envoy().admin("/stats")).contains("lua.errors: 0");
    }

    @Override
    public void close() {
        sidecar.close();
        mesh.close();
        providers.forEach(FakeProvider::close);
    }
}
