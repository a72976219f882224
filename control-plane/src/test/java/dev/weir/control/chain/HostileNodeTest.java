package dev.weir.control.chain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What calls itself a node may answer anything. */
@Timeout(60)
final class HostileNodeTest {
    private static final int LIMIT = 100_000;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch end = new CountDownLatch(1);
    private HttpServer server;
    private EthNode node;

    private interface Answer {
        void to(HttpExchange exchange) throws IOException, InterruptedException;
    }

    private volatile Answer answer = exchange -> {};

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                answer.to(exchange);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v2/secret-key");
        node = new EthNode(new HttpRpc(uri, Duration.ofMillis(500), LIMIT));
    }

    @AfterEach
    void stop() {
        end.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private static Answer body(int status, String text) {
        return exchange -> {
            byte[] bytes = text.getBytes(UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        };
    }

    private void refused(String why) {
        assertThatThrownBy(node::head)
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("127.0.0.1:" + server.getAddress().getPort())
                .hasMessageContaining(why)
                .hasMessageNotContaining("secret-key");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html><body>It works!</body></html>",
                "",
                "[]",
                "42",
                "\"text\"",
                "{\"result\":",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[1,2]}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1\"}",
                "\u0000\u0001\u0002"
            })
    void no_json_rpc(String text) {
        answer = body(200, text);
        refused("eth_getBlockByNumber: no JSON-RPC answer");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "null", "{\"result\":null}", "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":null}"})
    void an_empty_answer(String text) {
        answer = body(200, text);
        assertThatThrownBy(node::head).isInstanceOf(NodeException.class);
        assertThatThrownBy(node::chainId).isInstanceOf(NodeException.class);
        assertThatThrownBy(() -> node.hasCode(Logs.REGISTRY)).isInstanceOf(NodeException.class);
        assertThatThrownBy(() -> node.logs(Logs.REGISTRY, 0, 1)).isInstanceOf(NodeException.class);
    }

    @Test
    void deep_nesting_is_an_error_and_no_stack_overflow() {
        answer = body(200, "{\"result\":" + "[".repeat(40_000));
        refused("no JSON-RPC answer");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0x", "0xfffffffffffffffff", "-1", "0x-1", "1", "zz", "0x1g"})
    void absurd_numbers(String number) {
        answer = body(
                200,
                "{\"result\":{\"number\":\"" + number + "\",\"hash\":\"" + Logs.ANY_HASH + "\",\"parentHash\":\""
                        + Logs.ANY_HASH + "\"}}");
        refused("block number: \"" + number + "\" (expected: 0x and up to 15 hex digits)");
        answer = body(200, "{\"result\":\"" + number + "\"}");
        assertThatThrownBy(node::chainId).isInstanceOf(NodeException.class).hasMessageContaining(number);
    }

    @Test
    void absurd_hashes() {
        answer = body(200, "{\"result\":{\"number\":\"0x1\",\"hash\":\"0x12\",\"parentHash\":null}}");
        refused("hash: \"0x12\" (expected: 0x and 64 hex digits)");
    }

    @Test
    void another_block_than_asked_for() {
        answer = body(
                200,
                "{\"result\":{\"number\":\"0x5\",\"hash\":\"" + Logs.ANY_HASH + "\",\"parentHash\":\"" + Logs.ANY_HASH
                        + "\"}}");
        assertThatThrownBy(() -> node.header(4)).hasMessageContaining("asked for block 4, got 5");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{}]",
                "[\"0x12\"]",
                "[{\"address\":\"0x1\",\"topics\":[null],\"data\":\"0x\"}]",
                "[{\"address\":\"0x1\",\"topics\":null,\"data\":\"0x\"}]",
                "[{\"address\":\"0x1\",\"topics\":[],\"data\":\"0x\",\"blockNumber\":\"0x1\",\"logIndex\":\"0x0\"}]"
            })
    void entries_that_are_no_logs(String logs) {
        answer = body(200, "{\"result\":" + logs + "}");
        assertThatThrownBy(() -> node.logs(Logs.REGISTRY, 0, 1)).isInstanceOf(NodeException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 404, 401, 301, 204})
    void a_status_other_than_200(int status) {
        answer = body(status, "");
        refused("HTTP status " + status + " (expected: 200)");
    }

    @Test
    void an_error_is_quoted_in_part_and_without_control_characters() {
        answer = body(200, "{\"error\":{\"code\":-32005,\"message\":\"a\\nb" + "x".repeat(5_000) + "\"}}");
        refused("error -32005 \"a?bxxx");
        assertThatThrownBy(node::head).satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400));
    }

    @Test
    void an_unknown_block_is_no_error_but_any_other_is() throws Exception {
        Header block = new Header(1, Logs.ANY_HASH, Logs.ANY_HASH);
        answer = body(200, "{\"error\":{\"code\":-32000,\"message\":\"unknown block\"}}");
        assertThat(node.logs(Logs.REGISTRY, block)).isEmpty();
        answer = body(200, "{\"error\":{\"code\":-32000,\"message\":\"header not found\"}}");
        assertThat(node.logs(Logs.REGISTRY, block)).isEmpty();
        answer = body(200, "{\"error\":{\"code\":-32000,\"message\":\"rate limited\"}}");
        assertThatThrownBy(() -> node.logs(Logs.REGISTRY, block)).hasMessageContaining("rate limited");
    }

    @Test
    void a_body_without_end_is_cut_off() {
        answer = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] chunk = "x".repeat(8_192).getBytes(UTF_8);
            OutputStream out = exchange.getResponseBody();
            while (end.getCount() > 0) {
                out.write(chunk); // until the other side hangs up
            }
        };
        refused("body: more than " + LIMIT + " bytes");
    }

    @Test
    void silence_before_the_answer_costs_one_time_out() {
        answer = exchange -> end.await();
        refused("no answer within 500 ms");
    }

    @Test
    void silence_in_the_middle_of_an_answer_costs_one_time_out() {
        answer = exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write("{\"result\":".getBytes(UTF_8));
            exchange.getResponseBody().flush();
            end.await();
        };
        refused("no answer within 500 ms");
    }

    @Test
    void a_user_in_the_url_is_sent_as_such_and_not_said() throws Exception {
        answer = exchange -> {
            String user = exchange.getRequestHeaders().getFirst("authorization");
            body(200, "Basic bWU6c2VjcmV0".equals(user) ? "{\"result\":\"0x1\"}" : "no")
                    .to(exchange);
        };
        URI uri = URI.create("http://me:secret@127.0.0.1:" + server.getAddress().getPort());
        node = new EthNode(new HttpRpc(uri, Duration.ofMillis(500), LIMIT));
        assertThat(node.chainId()).isEqualTo(1);
        answer = body(500, "");
        assertThatThrownBy(node::chainId).hasMessageNotContaining("secret");
    }

    @Test
    void a_reader_that_waits_for_a_silent_node_ends_at_once() {
        CountDownLatch asked = new CountDownLatch(1);
        answer = exchange -> {
            asked.countDown();
            end.await();
        };
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        EthNode silent = new EthNode(new HttpRpc(uri, Duration.ofHours(1), LIMIT));
        Backoff backoff = new Backoff(Duration.ofMillis(1), Duration.ofMillis(1), new Random(1));
        ChainReader reader = new ChainReader(silent, FollowerTest.source(0, 0), d -> {}, () -> 0, backoff);
        reader.start();
        assertThatNoException().isThrownBy(asked::await);
        reader.close(); // the test's own time-out is the limit
        assertThat(reader.stats().polls()).isEqualTo(1);
    }

    @Test
    void nobody_there() {
        server.stop(0);
        refused("cannot connect");
    }

    @Test
    void recovers_when_the_node_does() throws Exception {
        answer = body(500, "");
        refused("HTTP status 500");
        answer = body(200, "{\"result\":\"0x7a69\"}");
        assertThat(node.chainId()).isEqualTo(31337);
    }
}
