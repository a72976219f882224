package dev.weir.control.envoy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An OpenAI-compatible provider over real HTTP that keeps what it was asked. */
final class FakeProvider implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    static {
        // else each answer on a kept connection waits for a delayed acknowledgement
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private volatile Answer answer = FakeProvider::complete;

    /**
     * A request as it arrived.
     *
     * @param headers names in lower case, first value
     */
    record Seen(String method, String path, Map<String, String> headers, String body) {
        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** How a request is answered; closing the exchange without an answer cuts the connection. */
    interface Answer {
        void to(Seen request, HttpExchange exchange) throws IOException;
    }

    FakeProvider() {
        this(HttpServerFactory.plain());
    }

    FakeProvider(HttpServer server) {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            Map<String, String> headers = new TreeMap<>();
            exchange.getRequestHeaders()
                    .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
            Seen request = new Seen(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    headers,
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            seen.add(request);
            answer.to(request, exchange);
        });
        server.start();
    }

    /** A plain HTTP server on a free port of the loopback. */
    static final class HttpServerFactory {
        private HttpServerFactory() {}

        static HttpServer plain() {
            try {
                return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    List<Seen> seen() {
        return List.copyOf(seen);
    }

    Seen last() {
        return seen.get(seen.size() - 1);
    }

    void answers(Answer next) {
        answer = next;
    }

    /** Completions, streamed where asked, with usage as OpenAI gives it. */
    static void complete(Seen request, HttpExchange exchange) throws IOException {
        JsonNode body = request.body().startsWith("{") ? request.json() : JSON.createObjectNode();
        String model = body.path("model").asText();
        if (!body.path("stream").asBoolean(false)) {
            respond(
                    exchange,
                    200,
                    "application/json",
                    "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\""
                            + model
                            + "\",\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"message\":{\"role\":\"assistant\","
                            + "\"content\":\"hello\"}}],\"usage\":" + usage() + "}");
            return;
        }
        exchange.getResponseHeaders().set("content-type", "text/event-stream; charset=utf-8");
        exchange.sendResponseHeaders(200, 0);
        boolean counts = body.path("stream_options").path("include_usage").asBoolean(false);
        try (OutputStream out = exchange.getResponseBody()) {
            for (String word : List.of("one ", "two ", "three")) {
                event(
                        out,
                        chunk(model, "[{\"index\":0,\"delta\":{\"content\":\"" + word + "\"}}]", counts ? "null" : ""));
            }
            event(out, chunk(model, "[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]", counts ? "null" : ""));
            if (counts) {
                event(out, chunk(model, "[]", usage()));
            }
            event(out, "[DONE]");
        }
    }

    static Answer status(int status, String... headers) {
        return (request, exchange) -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            }
            respond(exchange, status, "application/json", "{\"error\":{\"message\":\"provider says " + status + "\"}}");
        };
    }

    static void respond(HttpExchange exchange, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("content-type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    private static String usage() {
        return "{\"prompt_tokens\":11,\"completion_tokens\":3,\"total_tokens\":14,\"prompt_tokens_details\":{\"cached_tokens\":5}}";
    }

    private static String chunk(String model, String choices, String usage) {
        return "{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"" + model
                + "\",\"choices\":" + choices + (usage.isEmpty() ? "" : ",\"usage\":" + usage) + "}";
    }

    private static void event(OutputStream out, String data) throws IOException {
        out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
