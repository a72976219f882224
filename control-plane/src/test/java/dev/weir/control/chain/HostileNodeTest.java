package dev.weir.control.chain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.weir.control.chain.Node.Header;
import dev.weir.control.chain.NodeException.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
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
    private static final LogFilter ANY =
            LogFilter.of(Logs.REGISTRY, Set.of(Logs.id("a"))).get(0);

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
        assertThatThrownBy(() -> node.logs(ANY, 0, 1)).isInstanceOf(NodeException.class);
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"result\":\"0x\"}",
                "{\"result\":null}",
                "{\"result\":\"0x12\"}",
                "{\"result\":\"no\"}",
                "{\"error\":{\"code\":3,\"message\":\"execution reverted\",\"data\":\"0x\"}}",
                "{\"result\":\"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\"}"
            })
    void decimals_and_owners_that_are_none(String text) {
        answer = body(200, text);
        assertThatThrownBy(() -> node.stakeDecimals(Logs.REGISTRY)).isInstanceOf(NodeException.class);
        assertThatThrownBy(() -> node.provider(Logs.REGISTRY, "a")).isInstanceOf(NodeException.class);
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
                "17",
                "true",
                "{}",
                "\"0x\"",
                "[17]",
                "[null]",
                "[true]",
                "[[]]",
                "[{}]",
                "[\"0x12\"]",
                "[{\"address\":\"0x1\",\"topics\":[null],\"data\":\"0x\"}]",
                "[{\"address\":\"0x1\",\"topics\":null,\"data\":\"0x\"}]",
                "[{\"address\":\"0x1\",\"topics\":[],\"data\":\"0x\",\"blockNumber\":\"0x1\",\"logIndex\":\"0x0\"}]"
            })
    void entries_that_are_no_logs(String logs) {
        answer = body(200, "{\"result\":" + logs + "}");
        assertThatThrownBy(() -> node.logs(ANY, 0, 1)).isInstanceOf(NodeException.class);
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "query returned more than 10000 results. Try with this block range [0x1, 0x2].",
                "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range",
                "eth_getLogs is limited to a 10,000 range",
                "block range is too wide",
                "exceed maximum block range: 5000",
                "block range limit exceeded",
                "query exceeds max results 20000, retry with the range 1-2",
                "query exceeds max block range 1000",
                "logs matched by query exceeds limit of 10000",
                "requested too many blocks from 0 to 5000, maximum is set to 2048",
                "Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range.",
                "backend response too large",
                "query timeout exceeded",
                "response size should not greater than 10000000 bytes",
                "Block range too large: maximum allowed is 1000 blocks",
                "too many logs, reduce the number of blocks"
            })
    void words_that_ask_for_fewer_blocks(String words) {
        answer = body(200, "{\"error\":{\"code\":-32005,\"message\":\"" + words + "\"}}");
        assertThat(reason()).isEqualTo(Reason.TOO_MUCH);
        answer = body(400, "{\"error\":{\"code\":-32602,\"message\":\"" + words + "\"}}");
        assertThat(reason()).isEqualTo(Reason.TOO_MUCH);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "daily request count exceeded, request rate limited",
                "rate limit exceeded",
                "Your app has exceeded its compute units per second capacity. If you have retries enabled, ignore this",
                "Too Many Requests",
                "project ID request rate exceeded",
                "You've exceeded the maximum number of requests per second",
                "exceeded the quota usage",
                "100/second request limit reached - reduce calls per second or upgrade your account",
                "call rate limit exhausted, retry in 10s",
                "server overloaded: too many blocks are being served"
            })
    void words_that_ask_for_patience(String words) {
        answer = body(200, "{\"error\":{\"code\":-32005,\"message\":\"" + words + "\"}}");
        assertThat(reason()).isEqualTo(Reason.OTHER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit exceeded", "internal error", "header not found", ""})
    void words_that_can_be_read_either_way(String words) {
        answer = body(200, "{\"error\":{\"code\":-32005,\"message\":\"" + words + "\"}}");
        assertThat(reason()).isEqualTo(Reason.UNCLEAR);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 502, 503, 504, 403})
    void a_status_of_the_node_says_nothing_against_the_range(int status) {
        answer = exchange -> {
            exchange.getResponseHeaders().add("retry-after", "7");
            body(status, "{\"error\":{\"code\":-32005,\"message\":\"block range is too wide\"}}")
                    .to(exchange);
        };
        assertThatThrownBy(() -> node.logs(ANY, 0, 1)).isInstanceOfSatisfying(NodeException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.OTHER);
            assertThat(e.retryAfter()).contains(Duration.ofSeconds(7));
        });
    }

    @Test
    void an_answer_that_is_too_long_asks_for_fewer_blocks_and_silence_does_not() {
        answer = body(200, "x".repeat(LIMIT + 1));
        assertThat(reason()).isEqualTo(Reason.TOO_LONG);
        answer = body(413, "");
        assertThat(reason()).isEqualTo(Reason.TOO_MUCH);
        answer = exchange -> end.await();
        assertThat(reason()).isEqualTo(Reason.OTHER);
    }

    private Reason reason() {
        AtomicReference<Reason> reason = new AtomicReference<>(Reason.OTHER);
        assertThatThrownBy(() -> node.logs(ANY, 0, 1))
                .isInstanceOfSatisfying(NodeException.class, e -> reason.set(e.reason()));
        return requireNonNull(reason.get());
    }

    @Test
    void an_unknown_block_is_no_error_but_any_other_is() throws Exception {
        Header block = new Header(1, Logs.ANY_HASH, Logs.ANY_HASH);
        answer = body(200, "{\"error\":{\"code\":-32000,\"message\":\"unknown block\"}}");
        assertThat(node.logs(ANY, block)).isEmpty();
        answer = body(200, "{\"error\":{\"code\":-32000,\"message\":\"header not found\"}}");
        assertThat(node.logs(ANY, block)).isEmpty();
        answer = body(200, "{\"error\":{\"code\":-32000,\"message\":\"rate limited\"}}");
        assertThatThrownBy(() -> node.logs(ANY, block)).hasMessageContaining("rate limited");
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
        RpcBackoff backoff = new RpcBackoff(Duration.ofMillis(1), Duration.ofMillis(1), new Random(1));
        ChainReader reader =
                new ChainReader(silent, FollowerTest.source(0, 0), Logs.owners("a"), d -> {}, () -> 0, backoff);
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
