package dev.weir.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.weir.control.admin.AdminGuard;
import dev.weir.control.admin.AdminPublisher;
import dev.weir.control.admin.AdminServer;
import dev.weir.control.admin.AdminSources;
import dev.weir.control.certs.Authority;
import dev.weir.control.certs.Authority.Names;
import dev.weir.control.ledger.SqlLedger;
import dev.weir.control.metrics.Latencies;
import dev.weir.control.model.Access;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Work;
import dev.weir.control.store.Database;
import dev.weir.control.store.SqlDecisionStore;
import dev.weir.control.store.SqliteDatabase;
import dev.weir.weights.Observation;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.Cause;
import dev.weir.weights.Proposal.Member;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Proposal.Release;
import dev.weir.xds.peer.Pem;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.GrantFacts;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.testing.RecordMaker;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class ExplainCommandIT {
    @TempDir
    Path directory;

    /** Stands for a 2xx whose body is an error. */
    private static final int ERROR = 299;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void a_decision_is_told_from_the_database_with_what_changed() throws IOException {
        store();
        assertThat(explain("2.1", "--config", directory.toString()))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .startsWith("Decision 2.1 was released at 1970-01-01T00:00:02Z, 1 s after 1.9.")
                .contains("a gets 75 % (was 50 %).");
    }

    @Test
    void the_last_one_is_told_when_none_is_named() throws IOException {
        store();
        assertThat(explain("--config", directory.toString())).isZero();
        assertThat(out.toString()).startsWith("Decision 2.1 ");
    }

    @Test
    void json_has_the_numbers() throws IOException {
        store();
        assertThat(explain("1.9", "--json", "--config", directory.toString())).isZero();
        assertThat(new ObjectMapper()
                        .readTree(out.toString())
                        .at("/pools/0/members/0/weight")
                        .asInt())
                .isEqualTo(500_000);
    }

    @Test
    void a_call_is_told_with_what_its_check_chose_among_and_every_attempt() throws IOException {
        store();
        String id = "0f9ac5a1-7d4f-4c11-9d3a-000000000001";
        try (Database database = SqliteDatabase.open(directory.resolve("weir.db"));
                SqlLedger ledger = new SqlLedger(database, pool -> Optional.of(new Work.PerRequest()), records -> {})) {
            ledger.offer(List.of(
                    record(Kind.ATTEMPT, id, 1, "a", 503, true, null),
                    record(Kind.ATTEMPT, id, 2, "b", 200, false, null),
                    record(
                            Kind.CALL,
                            id,
                            2,
                            "b",
                            200,
                            false,
                            new GrantFacts("g-7", "2.1", 120, 12_000, "a 0 b 8.5", -1))));
            ledger.flush();
        }
        assertThat(explain(id, "--config", directory.toString()))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains(
                        "Call " + id + " came to sidecar s-1",
                        "The check read decision 2.1, price 120, and granted reservation g-7 after holding the call for 12 ms.",
                        "by expected wait in ms, the choices first: a 0 b 8.5",
                        "1. a: refused by the provider's side",
                        "2. b: status 200 after 62 ms.",
                        "Owed: 0.12 atomic units.");
        assertThat(explain(id, "--json", "--config", directory.toString())).isZero();
        assertThat(explain(id.replace("0001", "0002"), "--config", directory.toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("call 0f9ac5a1-7d4f-4c11-9d3a-000000000002 is not stored");
    }

    @Test
    void an_error_within_a_200_is_told_as_such() throws IOException {
        store();
        String id = "0f9ac5a1-7d4f-4c11-9d3a-000000000003";
        try (Database database = SqliteDatabase.open(directory.resolve("weir.db"));
                SqlLedger ledger = new SqlLedger(database, pool -> Optional.of(new Work.PerRequest()), records -> {})) {
            ledger.offer(List.of(
                    record(Kind.ATTEMPT, id, 1, "b", ERROR, false, null),
                    record(Kind.CALL, id, 1, "b", ERROR, false, null)));
            ledger.flush();
        }
        assertThat(explain(id, "--config", directory.toString()))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains("The answer itself says that it is an error", "1. b: status 299", "Owed: nothing.");
    }

    private static AccessRecord record(
            Kind kind,
            String id,
            int attempt,
            String provider,
            int status,
            boolean bounced,
            @Nullable GrantFacts check) {
        return RecordMaker.record(kind, id, attempt)
                .sidecar("s-1")
                .start(1_800_000_000_000_000L)
                .lasting(62_000, 61_000)
                .provider(provider)
                .price("2.1", 120, 3)
                .status(status)
                .bounced(bounced)
                .failed(kind == Kind.CALL && status == ERROR)
                .check(check)
                .make();
    }

    @Test
    void a_decision_that_is_not_stored_exits_with_1() throws IOException {
        store();
        assertThat(explain("7.7", "--config", directory.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("decision 7.7 is not stored");
    }

    @Test
    void what_is_wrong_exits_with_2_and_says_why() throws IOException {
        assertThat(explain("x")).isEqualTo(2);
        assertThat(err.toString()).contains("EPOCH|REQUEST-ID: \"x\" (expected: last, TERM.SEQUENCE");
        assertThat(explain("--config", directory.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("a directory with a valid Mesh");
        mesh();
        assertThat(explain("--config", directory.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("the database of a control plane that ran");
        assertThat(Files.exists(directory.resolve("weir.db"))).isFalse();
        assertThat(explain("--admin", "http://127.0.0.1:1")).isEqualTo(2);
        assertThat(err.toString()).contains("the admin port of a running control plane");
        assertThat(explain("--admin", "http://127.0.0.1:1", "--config", "x")).isEqualTo(2);
    }

    @Test
    void a_running_control_plane_is_asked_and_what_it_says_cannot_steer_the_terminal() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 5);
        server.createContext("/v1/decision", exchange -> {
            boolean known = "epoch=3.4".equals(exchange.getRequestURI().getRawQuery());
            byte[] body =
                    "{\"explanation\": [\"Decision 3.4\", \"\\u001b[2Jreason\"]}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(known ? 200 : 404, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            String url = "http://127.0.0.1:" + server.getAddress().getPort();
            assertThat(explain("3.4", "--admin", url)).as(err.toString()).isZero();
            assertThat(out).hasToString("Decision 3.4\n?[2Jreason\n");
            assertThat(explain("3.5", "--admin", url)).isEqualTo(1);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void a_port_with_tls_and_tokens_is_asked_with_both_and_nobody_else_is_told_the_token() throws IOException {
        Authority authority = Authority.create("test", Instant.now());
        Pem server = authority.issue(
                new Names(List.of(), List.of("localhost"), List.of()), Instant.now(), Duration.ofDays(1));
        Path ca = Files.writeString(directory.resolve("ca.crt"), authority.certificate());
        Path other = Files.writeString(
                directory.resolve("other.crt"),
                Authority.create("other", Instant.now()).certificate());
        Path token = Files.writeString(directory.resolve("token"), "token-that-may-read-0123\n");
        AdminGuard guard = new AdminGuard(new Access(
                Optional.of(new Access.Tls(server.certificate(), server.key(), "")),
                false,
                List.of(new Access.Token(Access.READ, "token-that-may-read-0123"))));
        store();
        try (Database database = SqliteDatabase.open(directory.resolve("weir.db"));
                SqlLedger ledger = new SqlLedger(database, pool -> Optional.empty(), records -> {});
                AdminServer admin = new AdminServer(
                        new InetSocketAddress("127.0.0.1", 0),
                        guard,
                        new AdminSources(
                                new AdminPublisher(new Latencies(System::nanoTime)),
                                new SqlDecisionStore(database),
                                ledger,
                                List::of,
                                () -> "",
                                () -> true,
                                List::of),
                        System::currentTimeMillis)) {
            String url = "https://localhost:" + admin.address().getPort();
            assertThat(explain("2.1", "--admin", url, "--ca", ca.toString(), "--token-file", token.toString()))
                    .as(err.toString())
                    .isZero();
            assertThat(out.toString()).startsWith("Decision 2.1 ");
            assertThat(explain("2.1", "--admin", url, "--ca", ca.toString())).isEqualTo(2);
            assertThat(err.toString()).contains("it wants a token of Mesh.spec.admin.tokens: --token-file FILE");
            assertThat(explain("2.1", "--admin", url, "--ca", other.toString(), "--token-file", token.toString()))
                    .isEqualTo(2);
            assertThat(explain("2.1", "--admin", url.replace("localhost", "127.0.0.1"), "--ca", ca.toString()))
                    .as("a certificate without that name")
                    .isEqualTo(2);
        }
        assertThat(explain("--admin", "http://weir.internal:1", "--token-file", token.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("in plain text anybody could read the token");
        assertThat(explain("--admin", "http://127.0.0.1:1", "--ca", ca.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--ca: ").contains("an https URL with it");
        assertThat(explain("--config", directory.toString(), "--token-file", token.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).doesNotContain("token-that-may");
    }

    private void mesh() throws IOException {
        Files.writeString(
                directory.resolve("mesh.yaml"),
                "apiVersion: weir.dev/v1alpha1\nkind: Mesh\nmetadata: {name: m}\nspec: {}\n");
    }

    private void store() throws IOException {
        mesh();
        try (Database database = SqliteDatabase.open(directory.resolve("weir.db"))) {
            SqlDecisionStore store = new SqlDecisionStore(database);
            store.save(decision(new Epoch(1, 9), 1000, 500_000));
            store.save(decision(new Epoch(2, 1), 2000, 750_000));
        }
    }

    private static Decision decision(Epoch epoch, long millis, int weight) {
        List<Member> members = List.of(new Member("a", weight, 100), new Member("b", 1_000_000 - weight, 100));
        Proposal proposal = new Proposal(
                List.of(new PoolProposal("chat", members, 10, 0.5, 50, 0.1, 100, 1, 0)),
                List.of(),
                new Release(true, Set.of(Cause.SAVES_TIME), 0.01));
        return new Decision(epoch, millis, new Observation(0, false, List.of(), List.of()), proposal);
    }

    private int explain(String... arguments) {
        return new CommandLine(new ExplainCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
