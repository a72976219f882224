package dev.weir.control.envoy;

import com.google.protobuf.ByteString;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A provider on a raw socket: a script says which bytes go out, in which pieces and when. It keeps what it was asked. */
final class RawProvider implements AutoCloseable {
    private final ServerSocket server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private volatile Script script;

    /**
     * A request as it arrived.
     *
     * @param line the request line
     * @param headers names in lower case, the last value
     */
    record Seen(String line, Map<String, String> headers, ByteString body) {
        String method() {
            return line.substring(0, line.indexOf(' '));
        }

        String path() {
            return line.substring(line.indexOf(' ') + 1, line.lastIndexOf(' '));
        }

        String text() {
            return body.toStringUtf8();
        }
    }

    /** What is sent for a request; the connection is kept, unless the script closes it. */
    interface Script {
        void play(Seen request, Wire wire) throws IOException, InterruptedException;
    }

    /** The connection, as a script sees it. Each call that sends writes at once, in one packet where it fits. */
    static final class Wire {
        private final Socket socket;
        private final OutputStream out;

        private Wire(Socket socket) throws IOException {
            this.socket = socket;
            out = socket.getOutputStream();
        }

        Wire send(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
            return this;
        }

        /** @param text in UTF-8 */
        Wire send(String text) throws IOException {
            return send(text.getBytes(StandardCharsets.UTF_8));
        }

        /** Status line and headers, as name and value in turn. */
        Wire head(int status, String... headers) throws IOException {
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Said\r\n");
            for (int i = 0; i < headers.length; i += 2) {
                head.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
            }
            return send(head.append("\r\n").toString());
        }

        /** One chunk of a chunked body; an empty one sends nothing. */
        Wire chunk(byte[] bytes) throws IOException {
            if (bytes.length == 0) {
                return this;
            }
            byte[] size = (Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
            byte[] all = new byte[size.length + bytes.length + 2];
            System.arraycopy(size, 0, all, 0, size.length);
            System.arraycopy(bytes, 0, all, size.length, bytes.length);
            all[all.length - 2] = '\r';
            all[all.length - 1] = '\n';
            return send(all);
        }

        Wire chunk(String text) throws IOException {
            return chunk(text.getBytes(StandardCharsets.UTF_8));
        }

        /** The end of a chunked body. */
        Wire end() throws IOException {
            return send("0\r\n\r\n");
        }

        Wire pause(Duration time) throws InterruptedException {
            Thread.sleep(time.toMillis());
            return this;
        }

        void close() throws IOException {
            socket.close();
        }

        /** Closes so that the other side reads a reset; what it has not read yet may be lost. */
        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        /** Blocks until the other side has closed, at most {@code time}; whether it has. */
        boolean left(Duration time) throws IOException {
            socket.setSoTimeout((int) time.toMillis());
            try {
                return socket.getInputStream().read() < 0;
            } catch (SocketTimeoutException e) {
                return false;
            } catch (IOException e) {
                return true;
            }
        }
    }

    RawProvider(Script script) {
        this.script = script;
        try {
            server = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.execute(this::accept);
    }

    /** Each piece in a chunk of its own, status 200. */
    static Script pieces(String contentType, String... pieces) {
        return (request, wire) -> {
            wire.head(200, "content-type", contentType, "transfer-encoding", "chunked");
            for (String piece : pieces) {
                wire.chunk(piece);
            }
            wire.end();
        };
    }

    /** The whole body at once, with its length. */
    static Script whole(int status, String contentType, String body) {
        return (request, wire) -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            wire.head(status, "content-type", contentType, "content-length", Integer.toString(bytes.length));
            wire.send(bytes);
        };
    }

    int port() {
        return server.getLocalPort();
    }

    List<Seen> seen() {
        return List.copyOf(seen);
    }

    Seen last() {
        return seen.get(seen.size() - 1);
    }

    void plays(Script next) {
        script = next;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                threads.execute(() -> serve(socket));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
            Wire wire = new Wire(socket);
            while (!socket.isClosed()) {
                String line = line(in);
                if (line.isEmpty()) {
                    return;
                }
                Map<String, String> headers = new TreeMap<>();
                for (String header = line(in); !header.isEmpty(); header = line(in)) {
                    int colon = header.indexOf(':');
                    headers.put(
                            header.substring(0, colon).toLowerCase(Locale.ROOT),
                            header.substring(colon + 1).strip());
                }
                Seen request = new Seen(line, headers, body(in, headers));
                seen.add(request);
                script.play(request, wire);
            }
        } catch (IOException e) {
            // the other side left, or the script closed: the test sees it at the client
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static ByteString body(InputStream in, Map<String, String> headers) throws IOException {
        if ("chunked".equals(headers.get("transfer-encoding"))) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            while (true) {
                int size = Integer.parseInt(line(in).replaceFirst(";.*", ""), 16);
                all.write(in.readNBytes(size));
                line(in);
                if (size == 0) {
                    return ByteString.copyFrom(all.toByteArray());
                }
            }
        }
        return ByteString.copyFrom(in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0"))));
    }

    /** Up to the line's end, which is left out; empty at the end of the stream. */
    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString().strip();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.shutdownNow();
    }
}
