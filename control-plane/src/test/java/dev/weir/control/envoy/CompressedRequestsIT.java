package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.Sidecar.Reply;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Pool.Member;
import dev.weir.control.testing.PoolMaker;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Compressed requests are decompressed within bounds, or refused in words. */
@TestInstance(Lifecycle.PER_CLASS)
final class CompressedRequestsIT {
    private static final String CHAT = "/v1/chat/completions";
    private static final String JSON =
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" + "hello ".repeat(20) + "\"}]}";
    /** {@link #JSON}. */
    private static final byte[] BROTLI = Base64.getDecoder()
            .decode("G64AQKyOtyF4Q4qJiXGch6dSZGuvuvoSrU2uWHSSTQSkRcrY3sIGnAjEyQIDwKJ2HzKbDma1wt60fV1JCM8ke0QB");
    /** The beginning of a JSON object and a string of 1 GiB, as brotli and that as gzip. */
    private static final byte[] BROTLI_BOMB = ungzipped(Base64.getDecoder()
            .decode(
                    "H4sIAGxsDWsC/zv//3/9j94rSWcl311RSqyo7nZd7tyQMun4FGbnEtEby7//f/j/v/0fIYbCCIYF1f/Pg1SrMjzawOHw/d/8////"
                            + "f/BmOJLI2PDurz2Q83A6Q8dhJoa7v+v//f9/WJ9RoJ2VYdf3/3/+/2+PZ1Lg42Yoef//5////PtZHGTEGF7c+//5/3/5Os4GCx2G"
                            + "C3v/P8dqEcOoRaMWDVGL3FkYgPZIKDEwAABnPLq6ZgMAAA=="));

    private static final String BEGIN = "{\"model\":\"m\",\"x\":\"";

    private final FakeProvider provider = new FakeProvider();
    private FakeMesh mesh;
    private Sidecar sidecar;

    @BeforeAll
    void start(@TempDir Path directory) {
        Pool plain = Meshes.pool("plain", new Match.Model("m"), "p");
        Pool path = PoolMaker.pool("path", new Match.PathPrefix("/renamed"), "p")
                .members(List.of(new Member("p", Optional.of("real"), false)))
                .make();
        mesh = new FakeMesh(directory, Map.of("p", provider), plain, path);
        sidecar = mesh.sidecar;
    }

    @AfterEach
    void sound() {
        mesh.assertSound();
    }

    @AfterAll
    void stop() {
        mesh.close();
    }

    @Test
    void gzip_brotli_and_zstd_arrive_decompressed() {
        for (String encoding : List.of("gzip", "GZip", "br", "zstd")) {
            Reply reply = post(CHAT, compressed(encoding, JSON), encoding);
            assertThat(reply.status()).as(encoding + reply.body()).isEqualTo(200);
            assertThat(provider.last().body()).isEqualTo(JSON);
            assertThat(provider.last().headers())
                    .containsEntry("content-length", Integer.toString(JSON.length()))
                    .doesNotContainKeys("content-encoding", "transfer-encoding", "weir-encoding")
                    .allSatisfy((name, value) -> assertThat(name).doesNotContain("decompressor"));
            assertThat(reply.header("content-encoding")).isEmpty();
        }
        Reply stream = post(CHAT, gzip("{\"model\":\"m\",\"stream\":true}"), "gzip");
        assertThat(mesh.call(stream).answer().usage()).isEqualTo(new Usage(11, 3, 14, 5));

        assertThat(post("/renamed/embeddings", zstd("{\"model\":\"x\"}"), "zstd")
                        .status())
                .isEqualTo(200);
        assertThat(provider.last().body()).isEqualTo("{\"model\":\"real\"}");
        String form = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n--b--\r\n";
        assertThat(post(
                                "/v1/audio/transcriptions",
                                gzip(form),
                                "gzip",
                                "content-type",
                                "multipart/form-data; boundary=b")
                        .status())
                .isEqualTo(200);
        assertThat(provider.last().body()).isEqualTo(form);
        String text = "{\"model\":\"m\",\"x\":\"" + incompressible(6 << 20) + "\"}";
        assertThat(post(CHAT, gzip(text), "gzip").status()).isEqualTo(200);
        assertThat(provider.last().body()).isEqualTo(text);
    }

    @Test
    void identity_is_nothing() {
        assertThat(post(CHAT, JSON.getBytes(StandardCharsets.UTF_8), "identity").status())
                .isEqualTo(200);
        assertThat(provider.last().body()).isEqualTo(JSON);
        assertThat(provider.last().headers()).doesNotContainKey("content-encoding");
    }

    @Test
    void other_encodings_are_named() {
        int before = provider.seen().size();
        for (String encoding :
                List.of("deflate", "x-gzip", "compress", "gzip, br", "gzip, gzip", "gzip,identity", "q\"")) {
            Reply reply = post(CHAT, compressed("gzip", JSON), encoding);
            assertThat(reply.status()).as(encoding).isEqualTo(415);
            assertThat(reply.json().at("/error/code").asText()).isEqualTo("unsupported_encoding");
            assertThat(reply.json().at("/error/message").asText())
                    .isEqualTo("content-encoding: " + encoding
                            + " is not taken here (expected: one of gzip, br and zstd, of JSON or a form; or none).");
        }
        assertThat(post(CHAT, compressed("gzip", JSON), "gzip", "content-type", "application/octet-stream")
                        .status())
                .isEqualTo(415);
        assertThat(RawClient.post(sidecar.port(), CHAT, JSON, "content-encoding", "gzip", "content-encoding", "br")
                        .status())
                .isEqualTo(415);
        assertThat(provider.seen()).hasSize(before);
    }

    @Test
    void broken_data_is_refused_in_words() {
        int before = provider.seen().size();
        for (String encoding : List.of("gzip", "br", "zstd")) {
            byte[] whole = compressed(encoding, JSON);
            byte[] head = whole.clone();
            head[0] ^= 0x55;
            for (byte[] body : List.of(
                    Arrays.copyOf(whole, whole.length / 2),
                    Arrays.copyOf(whole, 3),
                    JSON.getBytes(StandardCharsets.UTF_8),
                    head,
                    new byte[100])) {
                Reply reply = post(CHAT, body, encoding);
                assertThat(reply.status()).as(encoding + " " + body.length).isEqualTo(400);
                assertThat(reply.json().at("/error/message").asText())
                        .endsWith("(content-encoding: " + encoding + ").");
            }
        }
        // two members, of which the second one is not read
        byte[] two = concat(gzip(JSON.substring(0, 30)), gzip(JSON.substring(30)));
        assertThat(post(CHAT, two, "gzip").status()).isIn(200, 400);
        assertThat(provider.seen()).allMatch(seen -> !seen.body().isEmpty());
        assertThat(provider.seen().size() - before).isLessThanOrEqualTo(1);
        assertThat(post(CHAT, new byte[0], "gzip").status()).isEqualTo(400);
    }

    @Test
    void a_bomb_ends_in_413_and_bounded_memory() {
        int before = provider.seen().size();
        List<byte[]> gzips = List.of(gzipBomb(1024), gzipBomb(32));
        for (byte[] bomb : gzips) {
            assertBomb(bomb, "gzip");
        }
        for (int i = 0; i < 20; i++) {
            assertBomb(BROTLI_BOMB, "br");
            assertBomb(zstdBomb(8192), "zstd");
            assertBomb(zstdBomb(100), "zstd");
        }
        assertThat(provider.seen()).hasSize(before);
        assertThat(peakKilobytes()).isLessThan(512 << 10);
    }

    /** The most memory that the sidecar ever had. */
    private long peakKilobytes() {
        try {
            return Files.readAllLines(Path.of("/proc/" + sidecar.envoy().pid() + "/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertBomb(byte[] bomb, String encoding) {
        Reply reply = post(CHAT, bomb, encoding);
        assertThat(reply.status())
                .as(encoding + " " + bomb.length + reply.body())
                .isEqualTo(413);
        assertThat(reply.json().at("/error/code").asText()).isEqualTo("request_too_large");
    }

    private Reply post(String path, byte[] body, String encoding, String... headers) {
        String[] all = Arrays.copyOf(new String[] {"content-type", "application/json"}, headers.length + 2);
        System.arraycopy(headers, 0, all, 2, headers.length);
        return sidecar.send(
                sidecar.request(path).setHeader("content-encoding", encoding).POST(BodyPublishers.ofByteArray(body)),
                all);
    }

    private static byte[] compressed(String encoding, String text) {
        return encoding.equals("br") ? BROTLI.clone() : encoding.equals("zstd") ? zstd(text) : gzip(text);
    }

    private static byte[] gzip(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] gzipBomb(int megabytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(BEGIN.getBytes(StandardCharsets.UTF_8));
            byte[] piece = new byte[1 << 20];
            Arrays.fill(piece, (byte) 'a');
            for (int i = 0; i < megabytes; i++) {
                gzip.write(piece);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A frame of one block that is stored. */
    private static byte[] zstd(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return concat(zstdHead(), block(1, 0, bytes.length), bytes);
    }

    /** The beginning of a JSON object and a string of so many blocks of 128 KiB. */
    private static byte[] zstdBomb(int blocks) {
        byte[] begin = BEGIN.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(concat(zstdHead(), block(0, 0, begin.length), begin));
        for (int i = 1; i <= blocks; i++) {
            out.writeBytes(block(i == blocks ? 1 : 0, 1, 128 << 10));
            out.write('a');
        }
        return out.toByteArray();
    }

    /** The magic number, no options, a window of 128 KiB (RFC 8878, 3.1.1). */
    private static byte[] zstdHead() {
        return new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, 7 << 3};
    }

    private static byte[] block(int last, int type, int size) {
        int header = last | type << 1 | size << 3;
        return new byte[] {(byte) header, (byte) (header >> 8), (byte) (header >> 16)};
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static String incompressible(int length) {
        byte[] bytes = new byte[length / 4 * 3];
        new java.util.Random(1).nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] ungzipped(byte[] bytes) {
        try (GZIPInputStream in = new GZIPInputStream(new java.io.ByteArrayInputStream(bytes))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
