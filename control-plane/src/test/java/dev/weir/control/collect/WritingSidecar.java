package dev.weir.control.collect;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;

/** Writes as Envoy does: into the file that it opened, until its admin port tells it to open the log by name again. */
final class WritingSidecar implements AutoCloseable {
    final AtomicInteger reopened = new AtomicInteger();
    final AtomicInteger refusals = new AtomicInteger();
    final AtomicInteger failedWrites = new AtomicInteger();
    private final Path log;
    private final HttpServer server;

    @GuardedBy("this")
    private OutputStream out;

    WritingSidecar(Path log) throws IOException {
        this.log = log;
        this.out = open(log);
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/reopen_logs", exchange -> {
            boolean refused =
                    !exchange.getRequestMethod().equals("POST") || refusals.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
            if (!refused) {
                reopen();
            }
            exchange.sendResponseHeaders(refused ? 503 : 200, -1);
            exchange.close();
        });
        server.createContext("/stats", exchange -> {
            byte[] body = ("filesystem.write_failed: " + failedWrites.get() + "\n").getBytes(StandardCharsets.UTF_8);
            boolean asked = String.valueOf(exchange.getRequestURI().getRawQuery())
                    .equals("filter=%5Efilesystem.write_failed%24");
            exchange.sendResponseHeaders(asked ? 200 : 404, asked ? body.length : -1);
            if (asked) {
                exchange.getResponseBody().write(body);
            }
            exchange.close();
        });
        server.start();
    }

    HostPort admin() {
        return new HostPort("127.0.0.1", server.getAddress().getPort());
    }

    synchronized void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    synchronized void reopen() throws IOException {
        out.close();
        out = open(log);
        reopened.incrementAndGet();
    }

    private static OutputStream open(Path log) throws IOException {
        return Files.newOutputStream(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Override
    public void close() throws IOException {
        server.stop(0);
        synchronized (this) {
            out.close();
        }
    }
}
