package dev.weir.xds.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A provider that answers like an OpenAI-compatible one: JSON, or a stream where the body asks for it, with usage 11 + 7.
 * The path {@code /cut} ends in the middle of the body, {@code /hold} answers when told to.
 */
public final class ProviderFake implements AutoCloseable {
    private static final String USAGE = """
            "usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18,"prompt_tokens_details":{"cached_tokens":3}}""";

    static {
        // else each answer waits 40 ms for the other side's delayed acknowledgement
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> requestIds = new CopyOnWriteArrayList<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private final String header;
    private final String value;
    private volatile int status;

    /** @param status of every answer; 200 = a real answer */
    public ProviderFake(int status) {
        this(status, "content-language", "en");
    }

    /** Every answer has the header as well. */
    public ProviderFake(int status, String header, String value) {
        this.status = status;
        this.header = header;
        this.value = value;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    public void status(int newStatus) {
        status = newStatus;
    }

    /** {@code x-request-id} of every request that arrived. */
    public List<String> requestIds() {
        return List.copyOf(requestIds);
    }

    /** Lets {@code /hold} answer. */
    public void release() {
        release.countDown();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String path = exchange.getRequestURI().getPath();
        requestIds.add(String.valueOf(exchange.getRequestHeaders().getFirst("x-request-id")));
        if (path.startsWith("/hold")) {
            await();
        }
        boolean stream = body.contains("\"stream\":true");
        byte[] answer = (stream
                        ? "data: {\"choices\":[{}]}\n\ndata: {\"choices\":[]," + USAGE + "}\n\ndata: [DONE]\n\n"
                        : "{\"choices\":[{}]," + USAGE + "}")
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("content-type", stream ? "text/event-stream" : "application/json");
        exchange.getResponseHeaders().set(header, value);
        if (status != 200) {
            exchange.sendResponseHeaders(status, -1);
        } else if (path.startsWith("/cut")) {
            exchange.sendResponseHeaders(200, 1_000);
            exchange.getResponseBody().write(answer, 0, 10);
            exchange.getResponseBody().flush();
        } else {
            exchange.sendResponseHeaders(200, stream ? 0 : answer.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(answer);
            }
        }
        exchange.close();
    }

    private void await() {
        try {
            release.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        release();
        server.stop(0);
        threads.shutdownNow();
    }
}
