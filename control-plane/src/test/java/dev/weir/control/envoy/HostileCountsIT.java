package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.control.ledger.Ledger.Row;
import dev.weir.control.ledger.SqlLedger;
import dev.weir.control.ledger.Valuation.Basis;
import dev.weir.control.loop.ControlLoop;
import dev.weir.control.loop.Event;
import dev.weir.control.loop.FileDeclarations;
import dev.weir.control.loop.Inbox;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Work;
import dev.weir.control.store.Database;
import dev.weir.control.store.SqliteDatabase;
import dev.weir.control.testing.PoolMaker;
import dev.weir.control.usage.Doubt;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.LoadReport.ClusterLoad;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a provider claims, from its own words through a real sidecar to the ledger and the loop. */
final class HostileCountsIT {
    private static final Work WORK = new Work.PerToken(1, 2, 100);
    private static final int CALLS = 60;

    private AnswerMesh mesh;
    private Database database;
    private SqlLedger ledger;

    @BeforeEach
    void start(@TempDir Path directory) {
        mesh = new AnswerMesh(directory);
        database = SqliteDatabase.open(directory.resolve("weir.db"));
        ledger = new SqlLedger(database, pool -> Optional.of(WORK), records -> {});
    }

    @AfterEach
    void stop() {
        ledger.close();
        database.close();
        mesh.close();
    }

    private AccessRecord call(String usage) {
        mesh.provider.plays(RawProvider.whole(
                200,
                "application/json",
                "{\"choices\":[{\"message\":{\"content\":\"one two three four\"}}],\"usage\":" + usage + "}"));
        return mesh.record(mesh.through(AnswerMesh.CHAT, AnswerMesh.JSON));
    }

    private static String usage(String prompt, String completion) {
        return "{\"prompt_tokens\":" + prompt + ",\"completion_tokens\":" + completion + "}";
    }

    private Row stored(AccessRecord record) {
        ledger.offer(List.of(record));
        ledger.flush();
        return ledger.call(record.identity().requestId()).orElseThrow();
    }

    @Test
    void more_than_can_be_owes_nothing_and_what_is_no_count_is_estimated() {
        assertThat(stored(call(usage("9", "4"))).amountMilli()).contains(17L * 250);
        for (String completion : List.of("1000000000000", "1e12", "200000")) {
            Row row = stored(call(usage("9", completion)));
            assertThat(row.value().doubt()).as(completion).contains(Doubt.COMPLETION_TOKENS);
            assertThat(row.amountMilli()).as(completion).isEmpty();
        }
        assertThat(stored(call(usage("200000", "4"))).value().doubt()).contains(Doubt.PROMPT_TOKENS);
        assertThat(stored(call("{\"prompt_tokens\":9,\"completion_tokens\":4,\"total_tokens\":1000000000000}"))
                        .value()
                        .doubt())
                .contains(Doubt.TOTAL_TOKENS);
        for (String odd : List.of("null", "{}", usage("1.5", "-4"), usage("\"9\"", "4e99"), usage("NaN", "[4]"))) {
            Row row = stored(call(odd));
            assertThat(row.value().basis()).as(odd).isEqualTo(Basis.ESTIMATED);
            assertThat(row.amountMilli().orElseThrow()).as(odd).isBetween(1L, 250L * 100);
        }
    }

    /** As each dialect says what was thought, and what came of it. */
    @ParameterizedTest
    @CsvSource({
        "/v1/chat/completions, prompt_tokens, completion_tokens, false",
        "/v1/chat/completions, prompt_tokens, completion_tokens, true",
        "/v1/responses, input_tokens, output_tokens, false",
        "/v1/responses, input_tokens, output_tokens, true"
    })
    void thoughts_that_are_not_shown_are_owed_as_far_as_there_was_time_for_them(
            String path, String prompt, String completion, boolean streamed) {
        for (long thoughts : new long[] {900, 100_000, 999_999_999_000L}) {
            String usage = "\"usage\":{\"%s\":9,\"%s\":%d,\"%s_details\":{\"reasoning_tokens\":%d}}"
                    .formatted(prompt, completion, thoughts + 4, completion, thoughts);
            boolean chat = path.equals(AnswerMesh.CHAT);
            String whole = chat
                    ? "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"so\"}}]," + usage + "}"
                    : "{\"id\":\"r\",\"object\":\"response\",\"output\":[]," + usage + "}";
            String event = chat ? whole : "{\"type\":\"response.completed\",\"response\":" + whole + "}";
            mesh.provider.plays((request, wire) -> {
                wire.pause(Duration.ofMillis(300)); // to think: 1 200 tokens at most
                String body = streamed ? "data: " + event + "\n\n" : whole;
                wire.head(
                        200,
                        "content-type",
                        streamed ? "text/event-stream" : "application/json",
                        "content-length",
                        "" + body.length());
                wire.send(body);
            });
            Row row = stored(mesh.record(mesh.through(path, streamed ? AnswerMesh.STREAM : AnswerMesh.JSON)));
            boolean honest = thoughts == 900;
            assertThat(row.value().doubt())
                    .as("%s thoughts", thoughts)
                    .isEqualTo(honest ? Optional.empty() : Optional.of(Doubt.COMPLETION_TOKENS));
            assertThat(row.amountMilli()).isEqualTo(honest ? Optional.of((9 + 2 * 904L) * 250) : Optional.empty());
        }
    }

    @Test
    void a_liar_moves_the_work_that_prices_go_by_less_than_a_hundredth() {
        List<AccessRecord> honest = new ArrayList<>();
        List<AccessRecord> hostile = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            honest.add(call(usage("9", "4")));
            String lie = switch (i % 30) {
                case 0 -> usage("9", "1000000000000");
                case 7 -> usage("9.5", "-4");
                case 14 -> usage("9", "80"); // as many as its bytes could hold
                case 21 -> "{\"prompt_tokens\":9,\"completion_tokens\":4,\"total_tokens\":1000000000000}";
                default -> usage("9", "4");
            };
            hostile.add(call(lie));
        }
        double demand = demand(honest);
        assertThat(demand).isGreaterThan(0);
        assertThat(demand(hostile) / demand).isCloseTo(1, within(0.01));
    }

    /** Offered work per second, as a loop sees it whose calls these are. */
    private static double demand(List<AccessRecord> calls) {
        Pool pool = PoolMaker.pool("m", new Match.Model("m"), "p").work(WORK).make();
        Config config = Meshes.config(Policy.WATER_FILLING, List.of(Meshes.provider("p", 1)), pool);
        Inbox inbox = new Inbox(1_000);
        ControlLoop loop = new ControlLoop(inbox, config, 1, Optional.empty(), List.of(), 0, () -> 0);
        inbox.offer(new Event.Declared(FileDeclarations.of(config, 1)));
        inbox.offer(new Event.Resolved(Map.of("p.test", List.of("127.0.0.1")), true));
        inbox.offer(new Event.Records(calls));
        double demand = 0;
        for (int tick = 1; tick <= 40; tick++) {
            long now = tick * 250_000_000L;
            inbox.offer(new Event.Load(
                    new LoadReport("s", now, List.of(new ClusterLoad("m|p", 1, 5, 0, 0, 250_000_000L)))));
            demand = loop.tick(now).image().proposal().pools().get(0).demand();
        }
        return demand;
    }
}
