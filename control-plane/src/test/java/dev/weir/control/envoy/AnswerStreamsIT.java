package dev.weir.control.envoy;

import static dev.weir.control.envoy.AnswerMesh.CHAT;
import static dev.weir.control.envoy.AnswerMesh.STREAM;
import static dev.weir.control.envoy.AnswerMesh.USAGE;
import static dev.weir.control.envoy.AnswerMesh.content;
import static dev.weir.control.envoy.AnswerMesh.done;
import static dev.weir.control.envoy.AnswerMesh.finish;
import static dev.weir.control.envoy.AnswerMesh.usage;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.RawClient.End;
import dev.weir.control.envoy.RawClient.Received;
import dev.weir.control.envoy.RawProvider.Script;
import dev.weir.xds.telemetry.AccessRecord;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Streams that are not the perfect one: every byte reaches the agent, as it comes. */
@ExtendWith(AnswerMesh.Shared.class)
final class AnswerStreamsIT {
    private static final String EVENTS = "text/event-stream";

    private final AnswerMesh mesh;

    AnswerStreamsIT(AnswerMesh mesh) {
        this.mesh = mesh;
    }

    @Test
    void a_last_event_without_its_blank_line_comes() {
        for (String end : List.of("\n", "", "\r\n", "\r")) {
            String last = finish().strip() + end;
            mesh.passes(RawProvider.pieces(EVENTS, content("one"), last));
            mesh.hides(RawProvider.pieces(EVENTS, content("one"), usage(), last), content("one") + last);
            mesh.hides(RawProvider.whole(200, EVENTS, content("one") + usage() + last), content("one") + last);
        }
    }

    @Test
    void a_usage_event_without_its_blank_line_is_counted_and_hidden() {
        for (String end : List.of("\n", "", "\r\n", "\r")) {
            String last = usage().strip() + end;
            mesh.hides(RawProvider.pieces(EVENTS, content("one"), last), content("one"));
            mesh.hides(RawProvider.whole(200, EVENTS, content("one") + last), content("one"));
        }
    }

    @Test
    void what_has_only_begun_comes_too() {
        for (String begun : List.of(
                "data: {\"choices\":[{\"delta\":{\"content\":\"ha",
                "data: {\"choices\":[],\"usage\":{\"prompt_tok",
                "data: {",
                "data:",
                "da",
                "event: x\ndata: {\"a\":[\n",
                "data: {\"a\":\ndata: 1")) {
            mesh.passes(RawProvider.pieces(EVENTS, content("one"), begun));
            mesh.passes(RawProvider.whole(200, EVENTS, content("one") + begun));
            mesh.passes((request, wire) -> wire.send(
                            "HTTP/1.1 200 OK\r\ncontent-type: " + EVENTS + "\r\n\r\n" + content("one") + begun)
                    .close());
        }
    }

    @Test
    void done_comes_however_it_is_said() {
        for (String done : List.of(
                "event: done\ndata: [DONE]\n",
                "event: done\ndata: [DONE]",
                "data: [DONE]",
                "data:[DONE]\n",
                "data:  [DONE]\r\n\r\n",
                "event: done\rdata: [DONE]\r\r",
                "id: 7\nretry: 10\ndata: [DONE]\n\n")) {
            mesh.passes(RawProvider.pieces(EVENTS, content("one"), done));
            mesh.hides(RawProvider.pieces(EVENTS, content("one"), usage(), done), content("one") + done);
        }
    }

    @Test
    void line_ends_are_what_they_are() {
        for (String end : List.of("\n", "\r\n", "\r")) {
            String shown = (": comment\n\nevent: a\nid: 1\n" + content("one") + finish()).replace("\n", end);
            String all = shown + (usage() + done()).replace("\n", end);
            mesh.hides(RawProvider.pieces(EVENTS, all), shown + done().replace("\n", end));
            mesh.hides(RawProvider.pieces(EVENTS, all.split("(?<=\r)")), shown + done().replace("\n", end));
            mesh.hides(RawProvider.pieces(EVENTS, all.split("")), shown + done().replace("\n", end));
            String oneEnd = all.replace(end + end, end);
            mesh.hides(
                    RawProvider.pieces(EVENTS, oneEnd.split("(?<=})")),
                    (shown + done().replace("\n", end)).replace(end + end, end));
        }
    }

    @Test
    void events_and_heartbeats_come_as_they_are_sent() {
        List<String> pieces = List.of(
                ": ping\n", ": ping\n", content("one"), "event: x\n", content("two"), ":\n", "data: [1]\n", done());
        for (boolean oneEnd : List.of(false, true)) {
            mesh.provider.plays((request, wire) -> {
                wire.head(200, "content-type", EVENTS, "transfer-encoding", "chunked");
                for (String piece : pieces) {
                    wire.chunk(oneEnd ? piece.replace("\n\n", "\n") : piece).pause(Duration.ofMillis(60));
                }
                wire.end();
            });

            Received received = mesh.through(CHAT, STREAM);

            String all = String.join("", pieces);
            assertThat(received.text()).isEqualTo(oneEnd ? all.replace("\n\n", "\n") : all);
            // one read for each that was sent: none waited for the next
            assertThat(received.pieces()).hasSize(pieces.size());
            assertThat(received.pieces().get(0).nanos() - received.headNanos()).isLessThan(50_000_000);
        }
    }

    @Test
    void what_is_no_event_stream_passes_whatever_its_type_says() {
        for (String body : List.of(
                "{\"error\":{\"message\":\"no\",\"code\":500}}",
                "\n\n  {\"error\":\"no\"}\n",
                "<html><body>502 Bad Gateway\r\n\r\n</body></html>",
                "upstream connect error",
                "data",
                "\u0000\u0001\u0002",
                "\n",
                "")) {
            for (int status : List.of(200, 201, 400, 429, 500, 502)) {
                mesh.passes(RawProvider.whole(status, EVENTS, body));
                mesh.passes((request, wire) -> wire.head(status, "content-type", EVENTS, "transfer-encoding", "chunked")
                        .chunk(body)
                        .end());
            }
        }
    }

    @Test
    void a_length_that_no_longer_fits_is_left_out() {
        String all = content("one") + finish() + usage() + done();
        Script script = RawProvider.whole(200, EVENTS, all);
        mesh.hides(script, content("one") + finish() + done());
        assertThat(mesh.through(CHAT, STREAM).header("content-length")).isEmpty();
        // of what is not changed it stays
        assertThat(mesh.through(CHAT, AnswerMesh.STREAM_WITH_USAGE).header("content-length"))
                .contains(Integer.toString(all.length()));
        mesh.provider.plays(RawProvider.whole(200, "application/json; charset=utf-8", "{}"));
        assertThat(mesh.through(CHAT, STREAM).header("content-length")).contains("2");
        mesh.provider.plays(RawProvider.whole(503, EVENTS, "no"));
        assertThat(mesh.through(CHAT, STREAM).header("content-length")).contains("2");
    }

    @Test
    void types_are_not_asked_what_the_answer_is() {
        String all = content("one") + usage() + done();
        for (String type : List.of(
                "Text/Event-Stream; charset=UTF-8", "text/plain", "application/octet-stream", "application/json")) {
            mesh.hides(RawProvider.pieces(type, all), content("one") + done());
        }
        Script untyped = (request, wire) ->
                wire.head(200, "transfer-encoding", "chunked").chunk(all).end();
        mesh.provider.plays(untyped);
        Received received = mesh.through(CHAT, STREAM);
        assertThat(received.text()).isEqualTo(content("one") + done());
        assertThat(mesh.record(received).answer().usage()).isEqualTo(USAGE);
        // a length that cannot be taken back, as JSON has one, is kept, and so is the event
        mesh.passes(RawProvider.whole(200, "application/json", all));
    }

    @Test
    void a_byte_order_mark_is_no_part_of_the_first_line() {
        mesh.hides(
                RawProvider.pieces(EVENTS, "\ufeff" + content("one"), usage(), done()),
                "\ufeff" + content("one") + done());
        mesh.hides(RawProvider.pieces(EVENTS, "\ufeff", "\n" + usage(), done()), "\ufeff\n" + done());
    }

    @Test
    void compressed_answers_pass_as_they_were_sent() {
        for (String encoding : List.of("gzip", "br", "zstd", "x-unheard-of")) {
            for (String type : List.of(EVENTS, "application/json")) {
                String body = content("not really " + encoding) + usage();
                AccessRecord record = mesh.passes((request, wire) -> wire.head(
                                200,
                                "content-type",
                                type,
                                "content-encoding",
                                encoding,
                                "content-length",
                                Integer.toString(body.length()))
                        .send(body));
                assertThat(record.answer().usage()).isNull();
            }
        }
        mesh.hides(
                (request, wire) -> wire.head(
                                200,
                                "content-type",
                                EVENTS,
                                "content-encoding",
                                "Identity",
                                "transfer-encoding",
                                "chunked")
                        .chunk(usage() + done())
                        .end(),
                done());
    }

    @Test
    void a_cut_is_a_cut_and_costs_at_most_the_line_that_it_cut() {
        String whole = ": hi\n" + content("one") + finish();
        for (String begun : List.of("", "data: {\"choices\":[{\"delta\":{\"ro", "event: x\n", ": comm")) {
            for (boolean reset : List.of(false, true)) {
                mesh.provider.plays((request, wire) -> {
                    wire.head(200, "content-type", EVENTS, "transfer-encoding", "chunked");
                    wire.chunk(whole + begun).pause(Duration.ofMillis(60));
                    if (reset) {
                        wire.reset();
                    } else {
                        wire.close();
                    }
                });
                Received received = mesh.through(CHAT, STREAM);
                assertThat(received.end()).isIn(End.CUT, End.RESET);
                assertThat(received.text()).isEqualTo(whole + (begun.startsWith("data") ? "" : begun));
                assertThat(mesh.record(received).completed()).isFalse();
            }
        }
    }

    @Test
    void trailers_end_a_stream_too() {
        String all = content("one") + usage() + done();
        Script script = (request, wire) -> wire.head(
                        200, "content-type", EVENTS, "transfer-encoding", "chunked", "trailer", "x-sum")
                .chunk(all)
                .send("0\r\nx-sum: 1\r\n\r\n");
        mesh.hides(script, content("one") + done());
        mesh.provider.plays((request, wire) -> wire.head(200, "content-type", EVENTS, "transfer-encoding", "chunked")
                .chunk(content("one") + usage().strip())
                .send("0\r\nx-sum: 1\r\n\r\n"));
        Received received = mesh.through(CHAT, STREAM);
        assertThat(received.text()).isEqualTo(content("one"));
        assertThat(mesh.record(received).answer().usage()).isEqualTo(USAGE);
    }
}
