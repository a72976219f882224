package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.control.envoy.Sidecar.Reply;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Pool.Member;
import dev.weir.control.testing.PoolMaker;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * Texts by chance, near JSON objects: whatever a sidecar lets pass, parsers that take the last of equal keys, the first of
 * them, or keys in any letter case read the same model and the same stream flag out of, and the provider's name is in it.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class RequestTextsIT {
    private static final int CASES = Integer.getInteger("weir.request.texts", 200);
    private static final String CHAT = "/v1/chat/completions";
    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> KEYS = List.of(
            "model",
            "model",
            "model",
            "stream",
            "stream",
            "stream_options",
            "messages",
            "x",
            "",
            "Model",
            "STREAM",
            "\u017Ftream",
            "mod\\u0065l",
            "\\u0073tream",
            "stream\\u005foptions",
            "\\u004dodel",
            "mo\\u0064el ",
            "__proto__",
            "mod\u0435l",
            "mode",
            "models",
            "\\ud83d",
            "a\\\"b\\\\");
    private static final List<String> VALUES = List.of(
            "true",
            "true",
            "false",
            "null",
            "\"m\"",
            "\"m\"",
            "\"m\"",
            "\"\\u006d\"",
            "\"other\"",
            "1",
            "-0.5e+3",
            "\"\"",
            "[]",
            "{}",
            "[{\"model\":\"other\"}]",
            "{\"model\":\"m\",\"include_usage\":true}",
            "{\"include_usage\":false}",
            "\"}\"",
            "\"\\\\\"",
            "\"\\\"\"",
            "[[\"]\"]]",
            "\"\u00e9\"",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "tru",
            "NaN",
            "'m'",
            "\"\\x\"");
    private static final List<String> GAPS = List.of("", "", "", "", " ", "\n", "\t\r\n ", "/**/", "\u00a0");

    private final FakeProvider provider = new FakeProvider();
    private final TestMesh mesh = new TestMesh();
    private Sidecar sidecar;

    @BeforeAll
    void start(@TempDir Path directory) {
        Pool pool = PoolMaker.pool("m", new Match.Model("m"), "p")
                .members(List.of(new Member("p", Optional.of("renamed"), false)))
                .make();
        Config config = Meshes.config(Policy.WATER_FILLING, List.of(Meshes.provider("p", provider.port())), pool);
        sidecar = Sidecar.start(directory, "texts", mesh.port());
        mesh.apply(config, Meshes.decision(1, Meshes.decided(pool, 1_000_000)), sidecar);
        provider.answers(FakeProvider.status(200));
    }

    @AfterAll
    void stop() {
        sidecar.close();
        mesh.close();
        provider.close();
    }

    @Test
    void every_reader_reads_the_same_or_nobody_is_asked() throws IOException {
        long seed = Long.getLong("weir.request.seed", 20_260_101L);
        Random random = new Random(seed);
        int passed = 0;
        int readable = 0;
        for (int i = 0; i < CASES; i++) {
            String text = text(random);
            String shown = "seed " + seed + ", case " + i + ": " + text;
            int before = provider.seen().size();
            Reply reply = sidecar.send(
                    sidecar.request(CHAT).POST(BodyPublishers.ofByteArray(text.getBytes(StandardCharsets.UTF_8))),
                    "content-type",
                    "application/json");
            Reading last = Reading.of(text, false, false);
            readable += last == null ? 0 : 1;
            if (reply.status() != 200) {
                // the model does not exist, or the text is refused
                assertThat(reply.status()).as(shown).isIn(400, 404);
                assertThat(provider.seen()).as(shown).hasSize(before);
                if (last != null && reply.status() == 404) {
                    assertThat(last.model).as(shown).isNotNull().isNotEqualTo("m");
                }
                continue;
            }
            passed++;
            String sent = provider.last().body();
            if (last == null) {
                continue; // no parser reads it: the provider says so
            }
            assertThat(last.model).as(shown).isEqualTo("m");
            for (boolean folded : new boolean[] {false, true}) {
                for (boolean first : new boolean[] {false, true}) {
                    assertThat(Reading.of(text, folded, first)).as(shown).isEqualTo(last);
                    Reading there = Reading.of(sent, folded, first);
                    assertThat(there).as(shown + " sent as " + sent).isEqualTo(new Reading("renamed", last.stream));
                }
            }
            JsonNode options = JSON.readTree(sent).path("stream_options");
            boolean untouched = (options.isValueNode() && !options.isNull()) || options.isArray();
            if (last.stream && !untouched && !options.isMissingNode()) {
                assertThat(options.path("include_usage").asBoolean()).as(shown).isTrue();
            }
        }
        // else the texts prove nothing
        assertThat(passed).isGreaterThan(CASES / 20);
        assertThat(readable - passed).isGreaterThan(CASES / 20);
    }

    /** What a parser makes of a text. */
    private record Reading(@Nullable String model, boolean stream) {
        /** @return null where it is no JSON object */
        static @Nullable Reading of(String text, boolean folded, boolean first) {
            String model = null;
            Boolean stream = null;
            try (JsonParser parser = new JsonFactory().createParser(text)) {
                if (parser.nextToken() != JsonToken.START_OBJECT) {
                    return null;
                }
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String key = folded ? fold(parser.currentName()) : parser.currentName();
                    JsonToken value = parser.nextToken();
                    if (key.equals("model") && !(first && model != null)) {
                        model = value == JsonToken.VALUE_STRING ? parser.getText() : null;
                    } else if (key.equals("stream") && !(first && stream != null)) {
                        stream = value == JsonToken.VALUE_TRUE;
                    }
                    if (value.isStructStart()) {
                        parser.skipChildren();
                    } else {
                        parser.getText(); // or a wrong escape would be passed over
                    }
                }
                return parser.nextToken() == null ? new Reading(model, Boolean.TRUE.equals(stream)) : null;
            } catch (IOException e) {
                return null;
            }
        }

        private static String fold(String key) {
            return key.replace('\u017F', 's').replace('\u212A', 'k').toLowerCase(Locale.ROOT);
        }
    }

    private static String text(Random random) {
        StringBuilder out = new StringBuilder(one(random, GAPS)).append('{');
        int members = random.nextInt(5);
        boolean sound = random.nextInt(3) > 0;
        for (int i = 0; i <= members; i++) {
            String key = one(random, KEYS);
            String value = one(random, VALUES);
            if (sound && i == 0) {
                key = "model";
                value = "\"m\"";
            }
            out.append(gap(random, sound))
                    .append('"')
                    .append(key)
                    .append('"')
                    .append(gap(random, sound))
                    .append(':');
            out.append(gap(random, sound))
                    .append(value)
                    .append(gap(random, sound))
                    .append(i == members ? "" : ",");
        }
        out.append('}').append(gap(random, sound));
        if (!sound && random.nextInt(4) == 0) {
            out.setLength(random.nextInt(out.length()));
        } else if (!sound && random.nextInt(4) == 0) {
            out.insert(
                    random.nextInt(out.length()),
                    one(random, List.of(",", "}", "\"", "\\", "\u0000", "[", "{}", "//")));
        }
        return out.toString();
    }

    private static String gap(Random random, boolean sound) {
        return sound ? GAPS.get(random.nextInt(GAPS.size() - 2)) : one(random, GAPS);
    }

    private static String one(Random random, List<String> of) {
        return of.get(random.nextInt(of.size()));
    }
}
