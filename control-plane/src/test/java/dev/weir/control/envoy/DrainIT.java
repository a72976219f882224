package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.envoy.Sidecar.Reply;
import dev.weir.control.loop.ControlLoop;
import dev.weir.control.loop.Event;
import dev.weir.control.loop.FileDeclarations;
import dev.weir.control.loop.Inbox;
import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Provider;
import dev.weir.control.testing.ProviderMaker;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A provider is taken out of service while a stream comes from it: decisions of the loop, a real sidecar. */
final class DrainIT {
    private static final long TICK = 250_000_000L;

    private final Inbox inbox = new Inbox(100);
    private long now;

    private Decision decided(ControlLoop loop, Config config) {
        inbox.offer(new Event.Configured(config));
        inbox.offer(new Event.Declared(FileDeclarations.of(config, 1)));
        inbox.offer(new Event.Resolved(Map.of("a.test", List.of("127.0.0.1"), "b.test", List.of("127.0.0.1")), true));
        now += TICK;
        return loop.tick(now).image().decision().orElseThrow();
    }

    @Test
    void a_stream_goes_on_where_no_new_call_goes(@TempDir Path directory) throws Exception {
        CountDownLatch rest = new CountDownLatch(1);
        try (FakeProvider a = new FakeProvider();
                FakeProvider b = new FakeProvider();
                TestMesh mesh = new TestMesh();
                Sidecar sidecar = Sidecar.start(directory, "drain", mesh.port())) {
            a.answers((request, exchange) -> {
                exchange.getResponseHeaders().set("content-type", "text/event-stream");
                exchange.sendResponseHeaders(200, 0);
                try (OutputStream out = exchange.getResponseBody()) {
                    out.write("data: {\"choices\":[{}]}\n\n".getBytes(StandardCharsets.UTF_8));
                    out.flush();
                    await().until(() -> rest.getCount() == 0);
                    out.write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
                }
            });
            Pool pair = Meshes.pool("pair", new Match.Model("pair"), "a", "b");
            Pool alone = Meshes.pool("alone", new Match.Model("alone"), "a");
            Provider first = Meshes.provider("a", a.port());
            Provider second = Meshes.provider("b", b.port());
            Provider draining = ProviderMaker.like(first).drain(true).make();
            Config serving = Meshes.config(Policy.WATER_FILLING, List.of(first, second), pair, alone);
            Config drains = Meshes.config(Policy.WATER_FILLING, List.of(draining, second), pair, alone);
            Config gone = Meshes.config(
                    Policy.WATER_FILLING, List.of(second), Meshes.pool("pair", new Match.Model("pair"), "b"));
            ControlLoop loop =
                    new ControlLoop(inbox, serving, 1, Optional.empty(), List.of(), now, () -> now / 1_000_000);

            mesh.apply(serving, decided(loop, serving), sidecar);
            CompletableFuture<Reply> stream = CompletableFuture.supplyAsync(() ->
                    sidecar.post("/v1/chat/completions", "{\"model\":\"alone\",\"stream\":true,\"messages\":[]}"));
            await().until(() -> a.seen().size() == 1);

            mesh.apply(drains, decided(loop, drains), sidecar);
            for (int i = 0; i < 20; i++) {
                assertThat(sidecar.chat("pair").header("weir-provider")).contains("b");
            }
            b.answers(FakeProvider.status(503));
            Reply refused = sidecar.chat("pair");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.header("weir-attempts"))
                    .as("no retry goes there")
                    .contains("1");
            Reply none = sidecar.chat("alone");
            assertThat(none.status()).isEqualTo(429);
            assertThat(none.json().at("/error/code").asText()).isEqualTo("no_provider");

            mesh.apply(gone, decided(loop, gone), sidecar);
            assertThat(sidecar.chat("alone").status()).isEqualTo(404);
            assertThat(stream).isNotDone();
            rest.countDown();
            assertThat(stream.get().body()).endsWith("data: [DONE]\n\n");
            assertThat(sidecar.call(stream.get()).outcome().status()).isEqualTo(200);
            assertThat(a.seen()).hasSize(1);
            assertThat(mesh.refusals()).isEmpty();
        }
    }
}
