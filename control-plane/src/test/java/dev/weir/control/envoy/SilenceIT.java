package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.RawClient.End;
import dev.weir.control.envoy.RawClient.Received;
import dev.weir.control.model.Admission;
import dev.weir.control.model.Admission.OnUnavailable;
import dev.weir.control.model.Admission.Queue;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.testing.PoolMaker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which timer ends a call that is silent: with short times the order of them, which is that of long ones. */
@TestInstance(Lifecycle.PER_CLASS)
final class SilenceIT {
    private static final Duration IDLE = Duration.ofMillis(800);
    private static final Duration MAX = Duration.ofSeconds(3);
    private static final String EVENT = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n";

    private final RawProvider provider = new RawProvider(RawProvider.whole(200, "application/json", EdgeMesh.DONE));
    private final TestMesh mesh = new TestMesh();
    private ProviderProxy side;
    private Sidecar sidecar;

    @BeforeAll
    void start(@TempDir Path directory) {
        side = ProviderProxy.start(directory, "egress", mesh.port(), "behind");
        sidecar = Sidecar.start(directory, "silence", mesh.port());
        Pool direct = timed(Meshes.pool("direct", new Match.Model("direct"), "plain"), Admission.MESH);
        Pool sided = timed(Meshes.pool("sided", new Match.Model("sided"), "behind"), Admission.MESH);
        Pool governed = timed(
                Meshes.pool("governed", new Match.Model("governed"), "plain"),
                Admission.governed(OnUnavailable.OPEN, new Queue.Provider()));
        Config config = Meshes.config(
                Policy.WATER_FILLING,
                List.of(
                        Meshes.provider("plain", provider.port()),
                        Meshes.behind(side.port(), Meshes.provider("behind", provider.port()))),
                direct,
                sided,
                governed);
        mesh.limit("behind", 100, 100, 0);
        mesh.apply(
                config,
                Meshes.decision(
                        1,
                        Meshes.decided(direct, 1_000_000),
                        Meshes.decided(sided, 1_000_000),
                        Meshes.decided(governed, 1_000_000)),
                sidecar,
                side);
    }

    @AfterAll
    void stop() {
        sidecar.close();
        side.close();
        mesh.close();
        provider.close();
    }

    private static Pool timed(Pool pool, Admission admission) {
        return PoolMaker.like(pool).lasting(IDLE, MAX).admission(admission).make();
    }

    private Received chat(String model) {
        return RawClient.post(sidecar.port(), "/v1/chat/completions", "{\"model\":\"" + model + "\",\"stream\":true}");
    }

    private static long millis(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1_000_000;
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct", "sided", "governed"})
    void silence_shorter_than_the_idle_timeout_ends_nothing(String pool) {
        provider.plays((request, wire) -> {
            wire.pause(IDLE.dividedBy(2))
                    .head(200, "content-type", "text/event-stream", "transfer-encoding", "chunked");
            for (int i = 0; i < 3; i++) {
                wire.pause(IDLE.dividedBy(2)).chunk(EVENT);
            }
            wire.end();
        });

        Received received = chat(pool);

        assertThat(received.text()).isEqualTo(EVENT.repeat(3));
        assertThat(received.end()).isEqualTo(End.WHOLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct", "sided", "governed"})
    void of_silence_the_idle_timeout_is_the_first_to_tire(String pool) {
        provider.plays((request, wire) -> wire.left(Duration.ofSeconds(20)));
        long start = System.nanoTime();

        Received received = chat(pool);

        assertThat(millis(start)).isBetween(IDLE.toMillis(), MAX.toMillis() - 200);
        assertThat(received.status()).isEqualTo(504);
        assertThat(received.text()).contains("timeout_error");
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct", "sided"})
    void a_stream_that_never_ends_is_cut_as_a_whole(String pool) {
        provider.plays((request, wire) -> {
            wire.head(200, "content-type", "text/event-stream", "transfer-encoding", "chunked");
            while (true) {
                wire.chunk(EVENT).pause(IDLE.dividedBy(4));
            }
        });
        long start = System.nanoTime();

        Received received = chat(pool);

        assertThat(millis(start)).isGreaterThanOrEqualTo(MAX.toMillis() - 50);
        assertThat(received.status()).isEqualTo(200);
        assertThat(received.end()).isNotEqualTo(End.WHOLE);
    }

    @Test
    void a_call_may_think_and_then_stream_for_longer_than_the_idle_timeout_in_all() {
        provider.plays((request, wire) -> {
            wire.pause(IDLE.multipliedBy(7).dividedBy(10))
                    .head(200, "content-type", "text/event-stream", "transfer-encoding", "chunked");
            for (int i = 0; i < 4; i++) {
                wire.chunk(EVENT).pause(IDLE.multipliedBy(4).dividedBy(10));
            }
            wire.end();
        });

        Received received = chat("direct");

        assertThat(received.text()).isEqualTo(EVENT.repeat(4));
        assertThat(received.end()).isEqualTo(End.WHOLE);
    }
}
