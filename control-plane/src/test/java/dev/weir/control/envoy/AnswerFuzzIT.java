package dev.weir.control.envoy;

import static dev.weir.control.envoy.AnswerMesh.CHAT;
import static dev.weir.control.envoy.AnswerMesh.STREAM;
import static dev.weir.control.envoy.AnswerMesh.STREAM_WITH_USAGE;
import static dev.weir.control.envoy.AnswerMesh.USAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.AnswerGenerator.Case;
import dev.weir.control.envoy.AnswerGenerator.Cut;
import dev.weir.control.envoy.AnswerGenerator.Framing;
import dev.weir.control.envoy.RawClient.End;
import dev.weir.control.envoy.RawClient.Received;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Random answers, straight from the provider and through a sidecar: no difference but the hidden event, and no piece later.
 * {@code -Dweir.answers=N} makes it more of them, {@code -Dweir.seed=S} those of an earlier run.
 */
@ExtendWith(AnswerMesh.Shared.class)
final class AnswerFuzzIT {
    private static final int ANSWERS = Integer.getInteger("weir.answers", 300);
    private static final long SEED = Long.getLong("weir.seed", new Random().nextLong());

    private final AnswerMesh mesh;

    private final Histogram direct = new Histogram(3);
    private final Histogram through = new Histogram(3);
    /** Pieces behind which the provider paused, and those of them that came only when it went on. */
    private int paused;

    private int waited;

    AnswerFuzzIT(AnswerMesh mesh) {
        this.mesh = mesh;
    }

    @Test
    void answers_differ_by_the_hidden_event_only_and_are_no_later() {
        System.out.println("AnswerFuzzIT: -Dweir.answers=" + ANSWERS + " -Dweir.seed=" + SEED);
        AnswerGenerator generator = new AnswerGenerator(SEED);
        Random random = new Random(SEED);
        Map<String, Case> counted = new HashMap<>();
        for (int i = 0; i < ANSWERS; i++) {
            Case next = generator.next();
            Received received = compare(next, random.nextBoolean(), "answer " + i + " of seed " + SEED);
            if (next.counted()) {
                counted.put(received.header("x-request-id").orElseThrow(), next);
            }
        }
        counted.forEach(
                (id, answer) -> assertThat(mesh.sidecar().call(id).answer().usage())
                        .as("%s", answer)
                        .isEqualTo(USAGE));
        System.out.printf(
                "AnswerFuzzIT: pieces from send to receipt, direct / through the sidecar: median %d / %d us, 99 %% %d / %d us,"
                        + " above 5 ms %d / %d of %d; waited for the next %d of %d%n",
                direct.getValueAtPercentile(50),
                through.getValueAtPercentile(50),
                direct.getValueAtPercentile(99),
                through.getValueAtPercentile(99),
                direct.getCountBetweenValues(5_000, Long.MAX_VALUE),
                through.getCountBetweenValues(5_000, Long.MAX_VALUE),
                through.getTotalCount(),
                waited,
                paused);
        assertThat(through.getValueAtPercentile(50)).isLessThan(direct.getValueAtPercentile(50) + 5_000);
        // a machine that does nothing for 25 ms is no fault of the sidecar's
        assertThat(waited).isLessThanOrEqualTo(paused / 20 + 2);
    }

    private Received compare(Case answer, boolean asks, String which) {
        List<Long> sent = Collections.synchronizedList(new ArrayList<>());
        mesh.provider.plays((request, wire) -> play(answer, wire, sent));
        String body = asks ? STREAM_WITH_USAGE : STREAM;
        Received straight = mesh.direct(CHAT, body);
        measure(answer, false, straight, sent, direct, false);
        sent.clear();
        Received received = mesh.through(CHAT, body);
        String expected = answer.seen(!asks);
        if (answer.cut() == Cut.RESET) {
            assertThat(expected).as(which).startsWith(received.text());
        } else if (answer.cut() == Cut.CLOSE && straight.end() != End.WHOLE) {
            assertThat(received.end()).as(which).isIn(End.CUT, End.RESET);
            assertThat(expected).as(which).startsWith(received.text());
            String lost = expected.substring(received.text().length());
            // at most the data line that the cut left undecided
            assertThat(lost).as("%s: %s", which, answer).matches("(?s)(d.{0,3}|data:.*)?");
            assertThat(lost.split("(?s)\r\n|\r|\n").length)
                    .as("%s: %s", which, answer)
                    .isLessThan(10);
        } else {
            assertThat(received.text())
                    .as("%s, asks %s: %s", which, asks, answer)
                    .isEqualTo(expected);
            assertThat(received.end()).as(which).isEqualTo(End.WHOLE);
        }
        assertThat(received.status()).as(which).isEqualTo(straight.status());
        assertThat(received.header("content-type")).as(which).isEqualTo(straight.header("content-type"));
        assertThat(received.header("content-encoding")).as(which).isEqualTo(straight.header("content-encoding"));
        if (answer.cut() == Cut.NONE) {
            measure(answer, !asks, received, sent, through, true);
        }
        return received;
    }

    private static void play(Case answer, RawProvider.Wire wire, List<Long> sent)
            throws IOException, InterruptedException {
        List<String> headers = new ArrayList<>(answer.headers());
        switch (answer.framing()) {
            case CHUNKED -> headers.addAll(List.of("transfer-encoding", "chunked"));
            case LENGTH ->
                headers.addAll(List.of(
                        "content-length", Integer.toString(answer.whole().getBytes(StandardCharsets.UTF_8).length)));
            case CLOSE -> {}
        }
        if (answer.cut() != Cut.NONE || answer.framing() == Framing.CLOSE) {
            // else the next call may meet the connection that is being closed
            headers.addAll(List.of("connection", "close"));
        }
        wire.head(answer.status(), headers.toArray(String[]::new));
        for (int i = 0; i < answer.pieces().size(); i++) {
            sent.add(System.nanoTime());
            if (answer.framing() == Framing.CHUNKED) {
                wire.chunk(answer.pieces().get(i));
            } else {
                wire.send(answer.pieces().get(i));
            }
            if (answer.pauses().get(i) > 0) {
                wire.pause(Duration.ofMillis(answer.pauses().get(i)));
            }
        }
        if (answer.cut() == Cut.RESET) {
            wire.reset();
        } else if (answer.cut() == Cut.CLOSE || answer.framing() == Framing.CLOSE) {
            wire.close();
        } else if (answer.framing() == Framing.CHUNKED) {
            wire.end();
        }
    }

    /** How long after it was sent a piece's last byte was there; pieces that end within a data line may wait. */
    private void measure(
            Case answer, boolean hides, Received received, List<Long> sent, Histogram times, boolean counts) {
        int end = 0;
        for (int i = 0; i < answer.pieces().size(); i++) {
            String piece = answer.pieces().get(i);
            end += piece.length();
            char last = piece.charAt(piece.length() - 1);
            int byteEnd = answer.seenBefore(end, hides);
            boolean shown = byteEnd > answer.seenBefore(end - 1, hides);
            // so may lines whose JSON goes on in the next one
            boolean goesOn = answer.whole().substring(0, end).stripTrailing().endsWith(",");
            if ((last != '\n' && last != '\r')
                    || goesOn
                    || !shown
                    || byteEnd > received.body().size()) {
                continue;
            }
            long arrived = received.nanosAt(byteEnd - 1);
            times.recordValue(Math.max(0, (arrived - sent.get(i)) / 1_000));
            if (counts && answer.pauses().get(i) > 0 && i + 1 < answer.pieces().size()) {
                paused++;
                waited += arrived > sent.get(i + 1) ? 1 : 0;
            }
        }
    }
}
