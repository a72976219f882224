package dev.weir.control.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.weir.control.history.RunHistory;
import dev.weir.control.history.RunHistory.Served;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/** A provider that serves whatever comes at once, in the same time, and writes down each attempt's beginning and end. */
public final class RecordingProvider implements AutoCloseable {
    public static final int TOKENS = 12;

    private static final byte[] ANSWER = """
            {"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},\
            "finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}
            """.getBytes(StandardCharsets.UTF_8);

    private final String name;
    private final long serviceNanos;
    private final RunHistory history;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    public RecordingProvider(String name, long serviceNanos, RunHistory history) throws IOException {
        this.name = name;
        this.serviceNanos = serviceNanos;
        this.history = history;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    public String name() {
        return name;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    private void serve(HttpExchange exchange) throws IOException {
        long from = System.nanoTime();
        String id = exchange.getRequestHeaders().getFirst("x-request-id");
        String attempt = exchange.getRequestHeaders().getFirst("weir-attempt");
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            LockSupport.parkNanos(serviceNanos);
            // before the answer: whoever has it may send the next at once
            history.served(new Served(
                    name,
                    String.valueOf(id),
                    attempt == null ? 1 : Integer.parseInt(attempt),
                    from,
                    System.nanoTime()));
            exchange.getResponseHeaders().set("content-type", "application/json");
            exchange.sendResponseHeaders(200, ANSWER.length);
            exchange.getResponseBody().write(ANSWER);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
