package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.RawClient.End;
import dev.weir.control.envoy.RawClient.Received;
import dev.weir.control.envoy.RawProvider.Script;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Provider;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** A provider whose answers are scripted to the byte, a sidecar before it, and an agent that asks either. */
final class AnswerMesh implements AutoCloseable {
    static final String CHAT = "/v1/chat/completions";
    static final String STREAM = "{\"model\":\"m\",\"stream\":true,\"messages\":[]}";
    static final String STREAM_WITH_USAGE =
            "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"messages\":[]}";
    static final String JSON = "{\"model\":\"m\",\"messages\":[]}";

    /** Of requests, bytes; answers are longer. */
    private static final long REQUEST_LIMIT = 1 << 20;

    /** What the usage events of tests hold, as it is counted. */
    static final Usage USAGE = new Usage(11, 3, 14, 0);

    static final String COUNTS = "\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":3,\"total_tokens\":14}";

    final RawProvider provider = new RawProvider(RawProvider.whole(200, "application/json", "{}"));
    private final TestMesh mesh = new TestMesh();
    private final Sidecar sidecar;

    AnswerMesh(Path directory) {
        this(directory, port -> Meshes.provider("p", port));
    }

    /** @param way how the sidecar reaches provider {@code p}, which listens at a port */
    AnswerMesh(Path directory, IntFunction<Provider> way) {
        Pool pool = Meshes.pool("m", new Match.Model("m"), "p");
        Pool byPath = Meshes.pool("path", new Match.PathPrefix("/openai"), "p");
        Config all = Meshes.config(Policy.WATER_FILLING, List.of(way.apply(provider.port())), pool, byPath);
        Config config = new Config(Meshes.mesh(Policy.WATER_FILLING, REQUEST_LIMIT), all.providers(), all.pools());
        sidecar = Sidecar.start(directory, "answers", mesh.port());
        mesh.apply(
                config,
                Meshes.decision(1, Meshes.decided(pool, 1_000_000), Meshes.decided(byPath, 1_000_000)),
                sidecar);
    }

    int port() {
        return sidecar.port();
    }

    Sidecar sidecar() {
        return sidecar;
    }

    /** No script failed and nothing was refused so far. */
    void assertSound() {
        assertThat(mesh.refusals()).isEmpty();
        assertThat(sidecar.envoy().admin("/stats")).contains("lua.errors: 0");
    }

    /** What the agent gets through the sidecar. */
    Received through(String path, String body) {
        return RawClient.post(sidecar.port(), path, body);
    }

    Received direct(String path, String body) {
        return RawClient.post(provider.port(), path, body);
    }

    /** Status, type, bytes and end are those of the direct answer, whether the agent asked for usage or not. */
    AccessRecord passes(Script script) {
        provider.plays(script);
        same(STREAM);
        return record(same(STREAM_WITH_USAGE));
    }

    private Received same(String body) {
        Received direct = direct(CHAT, body);
        Received through = through(CHAT, body);
        assertThat(through.text()).isEqualTo(direct.text());
        assertThat(through.status()).isEqualTo(direct.status());
        assertThat(through.end()).isEqualTo(direct.end());
        assertThat(through.header("content-type")).isEqualTo(direct.header("content-type"));
        return through;
    }

    /** Who did not ask for usage gets {@code visible} only, who did gets all; it is counted both times. */
    void hides(Script script, String visible) {
        provider.plays(script);
        Received asked = same(STREAM_WITH_USAGE);
        Received through = through(CHAT, STREAM);
        assertThat(through.text()).isEqualTo(visible);
        assertThat(through.end()).isEqualTo(End.WHOLE);
        assertThat(record(asked).answer().usage()).isEqualTo(USAGE);
        assertThat(record(through).answer().usage()).isEqualTo(USAGE);
        assertThat(record(through).completed()).isTrue();
    }

    /** The call's record, once it is written. */
    AccessRecord record(Received received) {
        return sidecar.call(received.header("x-request-id").orElseThrow());
    }

    /** A chat stream's chunk with content. */
    static String content(String text) {
        return "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
                + text + "\"},\"finish_reason\":null}],\"usage\":null}\n\n";
    }

    static String finish() {
        return "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n";
    }

    static String usage() {
        return "data: {\"id\":\"c\",\"choices\":[]," + COUNTS + "}\n\n";
    }

    static String done() {
        return "data: [DONE]\n\n";
    }

    /**
     * Hands one and the same to all tests of a run that name it in their constructor, and sees after each test that it is sound:
     * nothing in it changes but what the provider plays.
     */
    static final class Shared implements ParameterResolver, AfterEachCallback {
        private static final Namespace OURS = Namespace.create(AnswerMesh.class);

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == AnswerMesh.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return mesh(context);
        }

        @Override
        public void afterEach(ExtensionContext context) {
            mesh(context).assertSound();
        }

        private static AnswerMesh mesh(ExtensionContext context) {
            return context.getRoot()
                    .getStore(OURS)
                    .computeIfAbsent(Closing.class, key -> new Closing(), Closing.class)
                    .mesh;
        }
    }

    /** Ends it with the run. */
    private static final class Closing implements AutoCloseable {
        private final Path directory;
        private final AnswerMesh mesh;

        Closing() {
            try {
                directory = Files.createTempDirectory("answers");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            mesh = new AnswerMesh(directory);
        }

        @Override
        public void close() throws IOException {
            mesh.close();
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    @Override
    public void close() {
        assertThat(mesh.refusals()).isEmpty();
        sidecar.close();
        mesh.close();
        provider.close();
    }
}
