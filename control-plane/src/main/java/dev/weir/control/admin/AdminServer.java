package dev.weir.control.admin;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.weir.control.model.Access;
import dev.weir.xds.server.PortBounds;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin HTTP port: health, metrics, what is going on, and the page that shows it. It only reads. Without
 * tokens it belongs on loopback; there it answers to loopback names only, so that a web page elsewhere cannot reach it by pointing a
 * name of its own at 127.0.0.1.
 */
public final class AdminServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AdminServer.class);
    private static final int THREADS = 16;
    private static final Pattern LOOPBACK_HOST =
            Pattern.compile("(localhost|127(\\.[0-9]{1,3}){3}|\\[::1\\])(:[0-9]{1,5})?");

    static {
        // The JDK's server reads these once per process. A client that sends its request or takes its answer slowly
        // holds one of the threads no longer than this; others are served meanwhile. Descriptors are needed elsewhere,
        // too: a server that finds none accepts in a loop.
        setUnlessSet("sun.net.httpserver.maxReqTime", "10");
        setUnlessSet("sun.net.httpserver.maxRspTime", "60");
        setUnlessSet("sun.net.httpserver.idleInterval", "30");
        setUnlessSet("sun.net.httpserver.nodelay", "true");
        setUnlessSet("jdk.httpserver.maxConnections", String.valueOf(Math.min(200, PortBounds.descriptors() / 8)));
    }

    private final HttpServer server;
    private final ThreadPoolExecutor threads;
    private final Map<String, AdminPaths.Handler> handlers;
    private final boolean loopback;
    private final AdminGuard guard;

    /** A port for whoever reaches it, in plain text. */
    public AdminServer(InetSocketAddress listen, AdminSources sources, LongSupplier wallMillis) throws IOException {
        this(listen, new AdminGuard(Access.LOOPBACK), sources, wallMillis);
    }

    /**
     * Opens the port and answers from then on.
     *
     * @param listen where; port 0 = any free one
     * @param guard who may ask
     * @param sources what is shown
     * @param wallMillis wall clock
     * @throws IOException when the port cannot be opened
     */
    public AdminServer(InetSocketAddress listen, AdminGuard guard, AdminSources sources, LongSupplier wallMillis)
            throws IOException {
        this.guard = guard;
        loopback = listen.getAddress().isLoopbackAddress();
        handlers = new HashMap<>(new AdminPaths(sources, wallMillis).byPath());
        Page page = Page.load();
        handlers.put("/", query -> page.reply());
        threads = new ThreadPoolExecutor(THREADS, THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "weir-admin");
            thread.setDaemon(true);
            return thread;
        });
        threads.allowCoreThreadTimeOut(true);
        try {
            Optional<SSLContext> tls = guard.tls();
            server = tls.isPresent() ? https(listen, tls.get()) : HttpServer.create(listen, 50);
        } catch (IOException e) {
            throw new IOException(
                    "spec.admin.listen: \"" + listen.getHostString() + ":" + listen.getPort()
                            + "\" (expected: an address that can be listened on; " + e.getMessage() + ")",
                    e);
        }
        server.setExecutor(threads);
        server.createContext("/", exchange -> answer(exchange, page.policy()));
        server.start();
    }

    private static HttpServer https(InetSocketAddress listen, SSLContext tls) throws IOException {
        HttpsServer server = HttpsServer.create(listen, 50);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        return server;
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** Cuts answers in progress: they only read. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange, String policy) throws IOException {
        try (exchange) {
            AdminReply reply = reply(exchange);
            Headers headers = exchange.getResponseHeaders();
            headers.set("Content-Type", reply.type());
            headers.set("Cache-Control", "no-store");
            headers.set("X-Content-Type-Options", "nosniff");
            headers.set("Referrer-Policy", "no-referrer");
            headers.set("Content-Security-Policy", policy);
            if (reply.status() == 405) {
                headers.set("Allow", "GET");
            }
            if (reply.status() == 401) {
                headers.set("WWW-Authenticate", "Basic realm=\"weir\", charset=\"UTF-8\"");
            }
            exchange.sendResponseHeaders(reply.status(), reply.body().length == 0 ? -1 : reply.body().length);
            exchange.getResponseBody().write(reply.body());
        }
    }

    private AdminReply reply(HttpExchange exchange) {
        Optional<AdminReply> refusal = guard.refusal(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getRawPath(),
                exchange.getRequestHeaders().getFirst("Authorization"));
        if (refusal.isPresent()) {
            return refusal.get();
        }
        if (!exchange.getRequestMethod().equals("GET")) {
            return AdminReply.error(405, "method: \"" + exchange.getRequestMethod() + "\" (expected: GET)");
        }
        if (loopback && !isLoopback(exchange.getRequestHeaders().getFirst("Host"))) {
            return AdminReply.error(421, "host: another name (expected: localhost or a loopback address)");
        }
        // compared as it came: nothing is decoded, and nothing here is a file
        String path = exchange.getRequestURI().getRawPath();
        AdminPaths.Handler handler = handlers.get(path);
        if (handler == null) {
            return AdminReply.error(
                    404,
                    "no such path (expected: one of " + String.join(", ", new java.util.TreeSet<>(handlers.keySet()))
                            + ")");
        }
        try {
            return handler.get(exchange.getRequestURI().getRawQuery());
        } catch (BadRequest e) {
            return AdminReply.error(e.status(), String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            // what went wrong inside is for the log; whoever asks learns where to look
            log.error("admin: {} failed", path, e);
            return AdminReply.error(500, "failed; the control plane's log says why");
        }
    }

    /** Whether a {@code Host} header names this machine's loopback. */
    private static boolean isLoopback(@Nullable String host) {
        return host != null
                && LOOPBACK_HOST.matcher(host.toLowerCase(Locale.ROOT)).matches();
    }

    private static void setUnlessSet(String name, String value) {
        if (System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }
}
