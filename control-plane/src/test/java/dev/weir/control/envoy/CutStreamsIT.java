package dev.weir.control.envoy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.weir.control.ledger.Ledger.Row;
import dev.weir.control.ledger.SqlLedger;
import dev.weir.control.ledger.Valuation;
import dev.weir.control.ledger.Valuation.Basis;
import dev.weir.control.model.Work;
import dev.weir.control.store.Database;
import dev.weir.control.store.SqliteDatabase;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams that either side cuts at any point are owed by what the agent got, each once. */
final class CutStreamsIT {
    private static final int STREAMS = 1_600; // of which two thirds are cut
    private static final int AT_ONCE = 100;
    private static final Pattern PLAN = Pattern.compile("\"user\":\"(\\d+)\"");
    private static final Pattern ID = Pattern.compile("(?i)x-request-id: (\\S+)");

    @TempDir
    Path directory;

    private enum Cut {
        NONE,
        AGENT,
        PROVIDER;

        static Cut by(SplittableRandom random) {
            return List.of(values()).get(random.nextInt(3));
        }
    }

    /**
     * @param words of the prompt, one token each, and as many bytes as chance will have
     * @param pieces of the whole answer, a token each
     * @param at piece after which it is cut
     * @param counts whether every piece comes with the usage so far
     */
    private record Plan(int number, int words, int pieces, Cut cut, int at, boolean counts) {
        static Plan random(int number) {
            SplittableRandom random = new SplittableRandom(number);
            int pieces = 10 + random.nextInt(120);
            Cut cut = number < 60 ? Cut.NONE : Cut.by(random);
            return new Plan(
                    number,
                    5 + random.nextInt(200),
                    pieces,
                    cut,
                    cut == Cut.NONE ? pieces : 1 + random.nextInt(pieces - 1),
                    random.nextInt(3) == 0);
        }

        String body() {
            SplittableRandom random = new SplittableRandom(number);
            StringBuilder prompt = new StringBuilder();
            for (int i = 0; i < words; i++) {
                prompt.append("abcdefgh", 0, 1 + random.nextInt(7)).append(' ');
            }
            return "{\"model\":\"m\",\"stream\":true,\"user\":\"" + number
                    + "\",\"messages\":[{\"role\":\"user\",\"content\":\"" + prompt + "\"}]}";
        }

        String piece(int i) {
            String usage = counts ? usage(i) : "null";
            return "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
                    + "x".repeat(1 + (i * 7) % 9) + "\"},\"finish_reason\":null}],\"usage\":" + usage + "}\n\n";
        }

        String usage(int completion) {
            return "{\"prompt_tokens\":" + words + ",\"completion_tokens\":" + completion + ",\"total_tokens\":"
                    + (words + completion) + "}";
        }
    }

    /** What the agent got. */
    private record Got(Plan plan, String requestId, int pieces) {}

    @Test
    void each_owes_what_was_delivered_and_none_twice() throws Exception {
        try (AnswerMesh mesh = new AnswerMesh(directory);
                Database database = SqliteDatabase.open(directory.resolve("weir.db"));
                SqlLedger ledger =
                        new SqlLedger(database, pool -> Optional.of(new Work.PerToken(1, 2, 100)), records -> {})) {
            mesh.provider.plays(CutStreamsIT::play);
            List<Got> all = new ArrayList<>();
            all.addAll(ask(mesh.port(), 0, 60));
            all.addAll(ask(mesh.port(), 60, STREAMS));
            Map<String, AccessRecord> calls = calls(mesh, all.size());
            // by stream and by file, and once more
            for (int i = 0; i < 2; i++) {
                ledger.offer(List.copyOf(calls.values()));
                ledger.flush();
            }
            mesh.assertSound();
            check(ledger, all);
        }
    }

    private static void check(SqlLedger ledger, List<Got> all) {
        double owed = 0;
        double truth = 0;
        List<String> wrong = new ArrayList<>();
        Map<String, Integer> kinds = new TreeMap<>();
        for (Got got : all) {
            Plan plan = got.plan;
            Row row = ledger.call(got.requestId).orElseThrow();
            Valuation value = row.value();
            kinds.merge(plan.cut + (plan.counts ? " counted " : " ") + value.basis(), 1, Integer::sum);
            assertThat(row.amountMilli()).as("%s: %s", plan, row.record()).isPresent();
            double is = row.work();
            double should = plan.words + 2.0 * got.pieces;
            owed += is;
            truth += should;
            // a piece on its way when the cut came, or a tenth
            double error = Math.abs(is - should);
            if (error > 2.001 && (plan.counts || error > 0.1 * should)) {
                wrong.add(plan + ": " + is + " for " + should + ", " + row.record());
            }
            if (plan.cut == Cut.NONE) {
                assertThat(value.basis()).isEqualTo(Basis.REPORTED);
                assertThat(is).isEqualTo(should);
            }
        }
        System.out.printf("figures: %s, owed %.0f for %.0f, off: %d%n", kinds, owed, truth, wrong.size());
        assertThat(owed / truth).isCloseTo(1, within(0.02));
        assertThat(wrong).isEmpty();
        assertThat(ledger.totals().calls()).isEqualTo(all.size());
    }

    private static Map<String, AccessRecord> calls(AnswerMesh mesh, int count) {
        return await().atMost(Duration.ofSeconds(20))
                .until(
                        () -> {
                            Map<String, AccessRecord> found = new LinkedHashMap<>(); // as they were logged
                            mesh.sidecar().records().stream()
                                    .filter(record -> record.identity().kind() == Kind.CALL
                                            && record.route().provider().equals("p"))
                                    .forEach(record ->
                                            found.put(record.identity().requestId(), record));
                            return found;
                        },
                        found -> found.size() == count);
    }

    private static void play(RawProvider.Seen request, RawProvider.Wire wire) throws IOException, InterruptedException {
        Matcher matcher = PLAN.matcher(request.text());
        assertThat(matcher.find()).isTrue();
        Plan plan = Plan.random(Integer.parseInt(matcher.group(1)));
        wire.head(200, "content-type", "text/event-stream", "transfer-encoding", "chunked");
        wire.chunk(
                "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}],\"usage\":null}\n\n");
        for (int i = 1; i <= plan.pieces; i++) {
            wire.chunk(plan.piece(i)).pause(Duration.ofMillis(4));
            if (plan.cut == Cut.PROVIDER && i == plan.at) {
                wire.pause(Duration.ofMillis(20)).close();
                return;
            }
            if (plan.cut == Cut.AGENT && i == plan.at) {
                // what the agent has not read when it leaves nobody can know
                assertThat(wire.left(Duration.ofSeconds(10))).isTrue();
                return;
            }
        }
        wire.chunk(AnswerMesh.finish());
        if (request.text().contains("include_usage")) {
            wire.chunk("data: {\"id\":\"c\",\"choices\":[],\"usage\":" + plan.usage(plan.pieces) + "}\n\n");
        }
        wire.chunk(AnswerMesh.done()).end();
    }

    private static List<Got> ask(int port, int from, int to) throws Exception {
        ExecutorService agents = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Future<Got>> futures = new ArrayList<>();
            for (int i = from; i < to; i++) {
                Plan plan = Plan.random(i);
                futures.add(agents.submit(() -> ask(port, plan)));
            }
            List<Got> all = new ArrayList<>();
            for (Future<Got> future : futures) {
                all.add(future.get());
            }
            return all;
        } finally {
            agents.shutdownNow();
        }
    }

    private static Got ask(int port, Plan plan) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            byte[] body = plan.body().getBytes(UTF_8);
            socket.getOutputStream()
                    .write(("POST " + AnswerMesh.CHAT + " HTTP/1.1\r\nhost: m\r\ncontent-type: application/json\r\n"
                                    + "connection: close\r\ncontent-length: " + body.length + "\r\n\r\n")
                            .getBytes(UTF_8));
            socket.getOutputStream().write(body);
            InputStream in = socket.getInputStream();
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            byte[] buffer = new byte[8_192];
            int pieces = 0;
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                all.write(buffer, 0, n);
                pieces = pieces(all.toString(UTF_8));
                if (plan.cut == Cut.AGENT && pieces >= plan.at) {
                    break;
                }
            }
            Matcher id = ID.matcher(all.toString(UTF_8));
            assertThat(id.find()).isTrue();
            return new Got(plan, id.group(1), pieces);
        }
    }

    private static int pieces(String text) {
        int count = 0;
        for (int at = text.indexOf("\"content\":\"x"); at >= 0; at = text.indexOf("\"content\":\"x", at + 1)) {
            count++;
        }
        return count;
    }
}
