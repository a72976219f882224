package dev.weir.control.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.control.model.Config;
import dev.weir.control.quota.QuotaState;
import dev.weir.control.testing.Configs;
import dev.weir.weights.quota.QuotaUnit;
import dev.weir.weights.quota.RefusalKind;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AdminServerIT {
    private final AdminFixture fixture = new AdminFixture();
    private final Config config = Configs.of("a", "b");
    private final FluidMesh mesh = new FluidMesh(config, fixture.wallMillis.get(), (pool, t) -> 120.0, (p, t) -> 1.0);
    private final HttpClient client = HttpClient.newHttpClient();
    private AdminServer server;

    @BeforeEach
    void open() throws IOException {
        server = new AdminServer(new InetSocketAddress("127.0.0.1", 0), fixture.sources(), fixture.wallMillis::get);
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void it_is_ready_once_a_decision_is_in_force_and_sidecars_can_connect() throws Exception {
        fixture.xdsOpen.set(false);
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
        fixture.xdsOpen.set(true);
        assertThat(get("/readyz").body()).isEqualTo("no decision is in force yet\n");
        run(1);
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
    }

    @Test
    void it_is_healthy_while_the_loop_turns() throws Exception {
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        run(1);
        fixture.wallMillis.addAndGet(9_000);
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        fixture.wallMillis.addAndGet(2_000);
        assertThat(get("/healthz").statusCode()).isEqualTo(503);
        run(1);
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
    }

    @Test
    void the_decision_comes_with_inputs_and_reasons_and_in_words() throws Exception {
        assertThat(get("/v1/decision").statusCode()).isEqualTo(404);
        run(60);
        JsonNode decision = json("/v1/decision");
        assertThat(decision.get("epoch").asText())
                .isEqualTo(mesh.decision().orElseThrow().epoch().toString());
        JsonNode member = decision.at("/pools/0/members/0");
        assertThat(member.get("provider").asText()).isEqualTo("a");
        assertThat(member.get("weight").asInt()).isPositive();
        assertThat(member.has("inFlight")).isTrue();
        assertThat(decision.at("/providers/1/reason").asText()).isNotBlank();
        assertThat(decision.at("/providers/1/telemetryAgeSeconds").asDouble()).isEqualTo(0.1);
        assertThat(decision.get("explanation").get(0).asText()).startsWith("Decision 3.");
    }

    @Test
    void an_earlier_decision_is_found_by_its_epoch() throws Exception {
        run(60);
        assertThat(json("/v1/decision?epoch=3.1").get("causes").get(0).asText()).isEqualTo("first");
        assertThat(json("/v1/decision?epoch=3.1").has("previous")).isFalse();
        assertThat(json("/v1/decision?epoch=last").get("previous").asText()).startsWith("3.");
        assertThat(get("/v1/decision?epoch=9.9").statusCode()).isEqualTo(404);
        assertThat(get("/v1/decision?epoch=9.9").body()).contains("decision 9.9 is not stored");
    }

    @Test
    void providers_show_declaration_belief_latency_and_quotas() throws Exception {
        run(60);
        fixture.quotas = List.of(new QuotaState(
                "a",
                "",
                List.of(
                        new QuotaState.Unit(
                                QuotaUnit.REQUESTS,
                                Double.POSITIVE_INFINITY,
                                false,
                                60,
                                -1,
                                Double.NaN,
                                Double.POSITIVE_INFINITY),
                        new QuotaState.Unit(QuotaUnit.TOKENS, 30_000, true, 60, 29_000, 2, 480)),
                17,
                Map.of(RefusalKind.RATE, 3L)));
        JsonNode providers = json("/v1/providers");
        assertThat(providers.get("mesh").asText()).isEqualTo("mesh");
        assertThat(providers.get("source").asText()).isEqualTo("chain");
        assertThat(providers.at("/head/number").asLong()).isPositive();
        assertThat(providers.get("ageSeconds").asDouble()).isEqualTo(0.4);
        assertThat(providers.has("problem")).isFalse();
        JsonNode a = providers.at("/providers/0");
        assertThat(a.get("provider").asText()).isEqualTo("a");
        assertThat(a.get("endpoint").asText()).isEqualTo("a.example:80");
        assertThat(a.at("/declared/workUnitsPerSecond").asDouble()).isEqualTo(100);
        assertThat(a.at("/declared/stakeCap").asDouble()).isEqualTo(60);
        assertThat(a.at("/declared/counts").asText()).isEqualTo("stakeCap");
        assertThat(a.at("/declared/countedWorkUnitsPerSecond").asDouble()).isEqualTo(60);
        assertThat(a.at("/declared/countedSlots").asInt()).isEqualTo(3);
        assertThat(a.at("/remark").asText()).isEqualTo("too little");
        assertThat(a.at("/declared/block/number").asLong()).isEqualTo(1198);
        assertThat(a.at("/load/status").asText()).isEqualTo("active");
        assertThat(a.at("/load/trustedCapacity").asDouble()).isPositive();
        assertThat(a.at("/latency/p50Millis").asDouble()).isPositive();
        assertThat(a.at("/pools/0").asText()).isEqualTo("m");
        assertThat(a.at("/quotas").toString())
                .isEqualTo("[{\"pauseSeconds\":17.0,\"refusals\":{\"rate\":3},\"units\":["
                        + "{\"unit\":\"requests\",\"windowSeconds\":60.0},"
                        + "{\"unit\":\"tokens\",\"limit\":30000.0,\"source\":\"told\",\"windowSeconds\":60.0,\"remaining\":29000,"
                        + "\"remainingAgeSeconds\":2.0,\"pacedPerSecond\":480.0}]}]");
        assertThat(providers.at("/providers/1/quotas")).isEmpty();
    }

    @Test
    void sidecars_show_what_they_refused_and_why() throws Exception {
        JsonNode sidecars = json("/v1/sidecars").get("sidecars");
        assertThat(sidecars.get(0).get("node").asText()).isEqualTo("agent-1");
        assertThat(sidecars.get(0).get("refuses").asBoolean()).isFalse();
        assertThat(sidecars.get(1).get("refuses").asBoolean()).isTrue();
        assertThat(sidecars.get(1).at("/types/RouteConfiguration/refusal").asText())
                .isEqualTo("route: unknown cluster 'chat|zeta' <b>");
    }

    @Test
    void calls_come_newest_first_up_to_the_limit() throws Exception {
        for (int i = 0; i < 5; i++) {
            fixture.ledger.offer(List.of(AdminFixture.record(Kind.CALL, "r" + i, "a", 40_000, "m", "/v1/x", 200)));
        }
        fixture.ledger.offer(List.of(AdminFixture.record(Kind.CALL, "none", "", 100, "", "/", 404)));
        JsonNode calls = json("/v1/calls?limit=2").get("calls");
        assertThat(calls).hasSize(2);
        assertThat(calls.get(0).get("requestId").asText()).isEqualTo("none");
        assertThat(calls.get(0).has("provider")).isFalse();
        assertThat(calls.get(0).has("price")).isFalse();
        assertThat(calls.get(1).get("requestId").asText()).isEqualTo("r4");
        assertThat(calls.get(1).get("durationMillis").asDouble()).isEqualTo(40);
        assertThat(calls.get(1).get("amount").asText()).isEqualTo("0.12");
        assertThat(json("/v1/calls").get("calls")).hasSize(6);
    }

    @Test
    void one_call_comes_with_its_attempts_and_in_words() throws Exception {
        fixture.ledger.offer(List.of(
                AdminFixture.record(Kind.CALL, "r1", "a", 40_000, "m", "/v1/x", 200),
                AdminFixture.record(Kind.ATTEMPT, "r1", "a", 39_000, "", "/v1/x", 200)));
        JsonNode call = json("/v1/call?id=r1");
        assertThat(call.at("/call/provider").asText()).isEqualTo("a");
        assertThat(call.at("/attempts/0/durationMillis").asDouble()).isEqualTo(39);
        assertThat(call.has("check")).isFalse();
        assertThat(call.get("explanation").toString()).contains("Call r1", "1. a: status 200 after 39 ms.");
        assertThat(get("/v1/call?id=r2").statusCode()).isEqualTo(404);
        assertThat(get("/v1/call").statusCode()).isEqualTo(400);
    }

    @Test
    void history_has_a_point_per_second_and_can_be_continued() throws Exception {
        run(40);
        JsonNode points = json("/v1/history").get("points");
        assertThat(points).hasSize(10);
        JsonNode last = points.get(9);
        assertThat(last.at("/pools/0/pool").asText()).isEqualTo("m");
        double sum = last.at("/pools/0/shares/a").asDouble()
                + last.at("/pools/0/shares/b").asDouble();
        assertThat(sum).isBetween(0.99999, 1.00001);
        assertThat(last.at("/providers/0/provider").asText()).isEqualTo("a");
        long since = last.get("atMillis").asLong();
        assertThat(json("/v1/history?since=" + since).get("points")).isEmpty();
        run(4);
        assertThat(json("/v1/history?since=" + since).get("points")).hasSize(1);
        assertThat(json("/v1/history?pool=none&since=" + since).at("/points/0/pools"))
                .isEmpty();
        assertThat(json("/v1/history?pool=m&since=" + since).at("/points/0/providers"))
                .hasSize(2);
    }

    @Test
    void metrics_are_prometheus_text_and_scrapers_parameters_do_not_matter() throws Exception {
        HttpResponse<String> metrics = get("/metrics?name%5B%5D=x");
        assertThat(metrics.statusCode()).isEqualTo(200);
        assertThat(metrics.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4; charset=utf-8");
        assertThat(metrics.body()).contains("weir_x 1.0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            value = {
                "/v1/calls?limit=0 ! limit: \"0\" (expected: a whole number from 1 to 1000)",
                "/v1/calls?limit=1001 ! a whole number from 1 to 1000",
                "/v1/calls?limit=-1 ! a whole number from 1 to 1000",
                "/v1/calls?limit=1e2 ! a whole number from 1 to 1000",
                "/v1/calls?limit= ! limit: \"\" (expected",
                "/v1/calls?limit ! limit: \"\" (expected",
                "/v1/calls?limit=99999999999999999999 ! a whole number from 1 to 1000",
                "/v1/calls?limit=1&limit=2 ! each parameter once",
                "/v1/calls?lim=1 ! lim: \"1\" (expected: only limit)",
                "/v1/calls?& ! only limit",
                "/v1/calls?limit=1'OR'1 ! a whole number",
                "/v1/decision?epoch=1 ! epoch: \"1\" (expected: last, or TERM.SEQUENCE, for instance 3.17)",
                "/v1/decision?epoch=-1.2 ! last, or TERM.SEQUENCE",
                "/v1/decision?epoch=1.2.3 ! last, or TERM.SEQUENCE",
                "/v1/decision?epoch=%3Cscript%3E ! epoch: \"<script>\"",
                "/v1/history?since=x ! a whole number from 0",
                "/v1/providers?x=1 ! x: \"1\" (expected: no parameter)",
                "/v1/sidecars?x=1 ! no parameter",
                "/healthz?x=1 ! no parameter",
                "/readyz?x=1 ! no parameter"
            })
    void a_bad_parameter_is_refused_with_name_value_and_expectation(String path, String said) throws Exception {
        Raw answer = raw("GET", path.strip());
        assertThat(answer.status()).isEqualTo(400);
        assertThat(new ObjectMapper()
                        .readTree(answer.body())
                        .at("/error/message")
                        .asText())
                .contains(said.strip());
    }

    @Test
    void a_query_without_end_is_refused() throws Exception {
        assertThat(get("/v1/calls?limit=" + "1".repeat(2000)).statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/none",
        "/v1/calls/",
        "//",
        "/v1/../healthz",
        "/..%2f..%2fetc/passwd",
        "/../../etc/passwd",
        "/dashboard.js",
        "/%76%31/calls",
        "/v1/calls;x=1",
        "/index.html"
    })
    void what_is_not_a_known_path_is_not_found(String path) throws Exception {
        Raw answer = raw("GET", path);
        assertThat(answer.status()).isIn(400, 404); // the JDK's server refuses some before ours does
        assertThat(answer.body()).doesNotContain("root:", "ok", "calls\":");
    }

    @ParameterizedTest
    @CsvSource({"POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "X"})
    void only_get_is_answered(String method) throws Exception {
        Raw answer = raw(method, "/v1/calls");
        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.head()).contains("Allow: GET");
    }

    @Test
    void a_name_of_others_that_points_here_gets_nothing() throws Exception {
        assertThat(status("GET /v1/calls HTTP/1.1\r\nHost: evil.example\r\n\r\n"))
                .contains("421");
        assertThat(status("GET /v1/calls HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n\r\n"))
                .contains("421");
        assertThat(status("GET /v1/calls HTTP/1.1\r\nHost: localhost:99\r\n\r\n"))
                .contains("200");
        assertThat(status("GET /v1/calls HTTP/1.1\r\nHost: [::1]\r\n\r\n")).contains("200");
    }

    @Test
    void what_is_no_http_does_not_disturb_it() throws Exception {
        String unused = status("\u0000\u0001garbage\r\n\r\n");
        unused = status("GET " + "/x".repeat(100_000) + " HTTP/1.1\r\n\r\n");
        unused = status("GET /v1/calls?limit=%zz HTTP/1.1\r\nHost: localhost\r\n\r\n");
        unused = status("GET // HTTP/1.1\r\nHost: localhost\r\n\r\n");
        unused = status("GET / HTTP/1.1\r\n" + "A: b\r\n".repeat(5000) + "\r\n");
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
    }

    @Test
    void clients_that_are_slow_to_ask_do_not_keep_others_waiting() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 10; i++) {
                Socket socket = new Socket(
                        InetAddress.getLoopbackAddress(), server.address().getPort());
                socket.getOutputStream().write("GET /healthz HT".getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().flush();
                slow.add(socket);
            }
            for (int i = 0; i < 20; i++) {
                assertThat(get("/healthz").statusCode()).isEqualTo(200);
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void clients_that_hold_every_thread_are_cut_off_and_others_go_on() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                Socket socket = new Socket(
                        InetAddress.getLoopbackAddress(), server.address().getPort());
                socket.getOutputStream().write("GET /healthz HT".getBytes(StandardCharsets.US_ASCII));
                slow.add(socket);
            }
            HttpRequest request = HttpRequest.newBuilder(uri("/healthz"))
                    .timeout(Duration.ofSeconds(60))
                    .build();
            assertThat(client.send(request, HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void a_handler_that_fails_says_so_and_the_next_works() throws Exception {
        AdminSources good = fixture.sources();
        try (AdminServer failing = new AdminServer(
                new InetSocketAddress("127.0.0.1", 0),
                new AdminSources(
                        good.live(),
                        good.decisions(),
                        good.ledger(),
                        () -> {
                            throw new IllegalStateException("with a secret in it");
                        },
                        good.metrics(),
                        good.xdsOpen(),
                        good.quotas()),
                fixture.wallMillis::get)) {
            URI base = URI.create("http://127.0.0.1:" + failing.address().getPort());
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(base.resolve("/v1/sidecars")).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(500);
            assertThat(answer.body()).doesNotContain("secret");
            assertThat(client.send(
                                    HttpRequest.newBuilder(base.resolve("/metrics"))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void a_port_that_is_taken_is_named() {
        assertThatThrownBy(() -> new AdminServer(
                        new InetSocketAddress("127.0.0.1", server.address().getPort()),
                        fixture.sources(),
                        fixture.wallMillis::get))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(
                        "spec.admin.listen: \"127.0.0.1:" + server.address().getPort());
    }

    @Test
    void markup_in_what_clients_sent_stays_data_and_no_answer_can_be_taken_for_a_page() throws Exception {
        String markup = "<script>alert(1)</script>\"'&\u2028";
        fixture.ledger.offer(List.of(AdminFixture.record(Kind.CALL, "r", "a", 1, markup, "/" + markup, 200)));
        HttpResponse<String> answer = get("/v1/calls");
        assertThat(new ObjectMapper()
                        .readTree(answer.body())
                        .at("/calls/0/model")
                        .asText())
                .isEqualTo(markup);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
                .startsWith("default-src 'none'")
                .doesNotContain("unsafe");
    }

    private void run(int steps) {
        fixture.run(mesh, config, steps);
    }

    private JsonNode json(String path) throws Exception {
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new ObjectMapper().readTree(answer.body());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Sends the path as it is, where a URI would not allow it. */
    private Raw raw(String method, String path) throws IOException {
        try (Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.setSoTimeout(30_000);
            String request = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int end = answer.indexOf("\r\n\r\n");
            return new Raw(
                    Integer.parseInt(answer.substring(9, 12)), answer.substring(0, end), answer.substring(end + 4));
        }
    }

    private record Raw(int status, String head, String body) {}

    private String status(String request) throws IOException {
        try (Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.setSoTimeout(30_000);
            OutputStream out = socket.getOutputStream();
            try {
                out.write(request.getBytes(StandardCharsets.ISO_8859_1));
                out.flush();
                byte[] start = socket.getInputStream().readNBytes(12);
                return new String(start, StandardCharsets.ISO_8859_1);
            } catch (IOException e) {
                return "closed"; // the server may hang up on what it will not read
            }
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    }
}
