package dev.weir.control.chain;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real node's answers, some of them changed on their way so that nobody could take them for right: broken, of other types,
 * with fields missing, absurdly large. Lists may be in another order and hold things twice, which is not wrong.
 */
final class MutatingNode implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    /** What is decoded, not only read: what is absurd there is not the node's fault but a stranger's, and is passed over. */
    private static final Set<String> CONTENT = Set.of("address", "topics", "data", "removed");

    private static final int HUNDRED_MEGABYTES = 100 << 20;

    private final URI real;
    private final Random random;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, JsonNode> answers = new ConcurrentHashMap<>();
    private volatile double share;
    private final AtomicInteger mutations = new AtomicInteger();

    MutatingNode(URI real, long seed) throws IOException {
        this.real = real;
        this.random = new Random(seed);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    URI rpc() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** So many of the answers from now on are changed. */
    void setShare(double changed) {
        share = changed;
    }

    /** The chain has changed: what was answered before is asked for again. */
    void forget() {
        answers.clear();
    }

    /** Answers that were changed. */
    int mutations() {
        return mutations.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode request = JSON.readTree(exchange.getRequestBody());
            String key = request.path("method") + " " + request.path("params");
            JsonNode right = answers.get(key);
            if (right == null) {
                right = ask(request);
                answers.put(key, right);
            }
            exchange.getResponseHeaders().set("content-type", "application/json");
            if (random.nextDouble() >= share) {
                send(exchange, 200, JSON.writeValueAsBytes(right));
            } else {
                mutations.incrementAndGet();
                sendWrong(exchange, right);
            }
        }
    }

    private JsonNode ask(JsonNode request) throws IOException {
        try {
            return JSON.readTree(http.send(
                            HttpRequest.newBuilder(real)
                                    .header("content-type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(request)))
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray())
                    .body());
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    private void sendWrong(HttpExchange exchange, JsonNode right) throws IOException {
        byte[] bytes = JSON.writeValueAsBytes(right);
        switch (random.nextInt(12)) {
            case 0 -> send(exchange, 200, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
            case 1 -> send(exchange, 200, text("<html>busy</html>", "", "null", "17", "[]", "[[]]", "\"0x\"", "{}"));
            case 2 -> send(exchange, 100 + 100 * (1 + random.nextInt(5)), bytes(random.nextInt(50)));
            case 3 -> send(exchange, 200, ("{\"result\":" + "[".repeat(random.nextInt(100_000))).getBytes(UTF_8));
            case 4 -> {
                if (random.nextInt(20) == 0) {
                    endless(exchange);
                } else {
                    send(exchange, 200, bytes(random.nextInt(1_000)));
                }
            }
            case 5, 6 ->
                send(
                        exchange,
                        200,
                        JSON.writeValueAsBytes(((ObjectNode) right.deepCopy()).set("result", absurd(true))));
            case 7 ->
                send(
                        exchange,
                        200,
                        JSON.writeValueAsBytes(
                                NODES.objectNode().set("error", random.nextBoolean() ? absurd(true) : error())));
            default -> {
                JsonNode changed = right.deepCopy();
                change(changed);
                send(exchange, 200, JSON.writeValueAsBytes(changed));
            }
        }
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] text(String... of) {
        return of[random.nextInt(of.length)].getBytes(UTF_8);
    }

    private static void endless(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        byte[] piece = "{\"result\":\"0x".getBytes(UTF_8);
        for (int sent = 0; sent < HUNDRED_MEGABYTES; sent += piece.length) {
            out.write(piece); // until the other side hangs up
        }
    }

    private JsonNode error() {
        return NODES.objectNode()
                .put("code", random.nextLong())
                .put("message", random.nextBoolean() ? "\u0000\n" + "x".repeat(100_000) : "block range is too wide")
                .set("data", absurd(true));
    }

    /** Somewhere in {@code result}: a field is gone, nothing or absurd; a list is in disorder. */
    private void change(JsonNode answer) {
        List<JsonNode> places = new ArrayList<>();
        collect(answer.path("result"), places);
        if (places.isEmpty()) {
            ((ObjectNode) answer).set("result", absurd(true)); // a plain value
            return;
        }
        JsonNode place = places.get(random.nextInt(places.size()));
        if (place instanceof ArrayNode list) {
            List<JsonNode> entries = new ArrayList<>();
            list.forEach(entries::add);
            entries.addAll(List.copyOf(entries));
            Collections.shuffle(entries, random);
            list.removeAll();
            list.addAll(entries);
        } else if (place instanceof ObjectNode object) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            String name = names.get(random.nextInt(names.size()));
            if (random.nextBoolean()) {
                object.remove(name);
            } else {
                object.set(name, absurd(!CONTENT.contains(name)));
            }
        }
    }

    /** Objects with fields and lists of objects. */
    private static void collect(JsonNode node, List<JsonNode> places) {
        if (node.isObject() && !node.isEmpty()) {
            places.add(node);
        } else if (node.isArray() && node.path(0).isObject()) {
            places.add(node);
        }
        if (!node.isArray() || node.path(0).isObject()) {
            node.forEach(each -> collect(each, places));
        }
    }

    /** @param any not only what has the wrong type for every field */
    private JsonNode absurd(boolean any) {
        return switch (random.nextInt(any ? 10 : 2)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.objectNode().put("a", 1);
            case 2 -> NODES.arrayNode().add(17); // an empty one may be right
            case 3 -> NODES.arrayNode().add(NODES.nullNode()).add(true).add("x");
            case 4 -> NODES.numberNode(random.nextBoolean() ? -1 : Double.MAX_VALUE);
            case 5 -> NODES.booleanNode(random.nextBoolean());
            case 6 -> NODES.textNode("0x" + "f".repeat(1 + random.nextInt(500)) + "g");
            case 7 -> NODES.textNode("0x" + "f".repeat(16 + 2 * random.nextInt(24)));
            case 8 -> NODES.textNode("\u0000".repeat(random.nextInt(10)));
            default -> NODES.textNode("-0x1");
        };
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
