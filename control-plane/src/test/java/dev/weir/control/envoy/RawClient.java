package dev.weir.control.envoy;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An agent on a raw HTTP/1.1 connection: it sends any bytes, and sees what came back, when and how it ended. */
final class RawClient implements AutoCloseable {
    private final Socket socket;

    /** How an answer ended. */
    enum End {
        /** As its length or its last chunk said, or by close where neither was said. */
        WHOLE,
        /** The connection was closed before that. */
        CUT,
        /** The connection was reset. */
        RESET,
        /** Neither came in time. */
        TIMEOUT
    }

    /**
     * Bytes of the body that came together.
     *
     * @param nanos {@link System#nanoTime} when they were read
     * @param from of the first one in the body
     * @param to behind the last one
     */
    record Piece(long nanos, int from, int to) {}

    /**
     * An answer.
     *
     * @param status 0 = none came
     * @param headers names in lower case, the last value
     * @param headNanos when the head was complete
     * @param body without the chunks' framing
     */
    record Received(
            int status, Map<String, String> headers, long headNanos, ByteString body, List<Piece> pieces, End end) {
        String text() {
            return body.toStringUtf8();
        }

        Optional<String> header(String name) {
            return Optional.ofNullable(headers.get(name));
        }

        /** When the byte at {@code offset} of the body was read. */
        long nanosAt(int offset) {
            for (Piece piece : pieces) {
                if (offset < piece.to) {
                    return piece.nanos;
                }
            }
            throw new AssertionError("byte " + offset + " of " + body.size() + " never came");
        }
    }

    private RawClient(Socket socket) {
        this.socket = socket;
    }

    static RawClient connect(int port) {
        try {
            Socket socket = new Socket("127.0.0.1", port);
            socket.setTcpNoDelay(true);
            return new RawClient(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One call on a connection of its own. */
    static Received call(int port, String method, String path, String body, String... headers) {
        try (RawClient client = connect(port)) {
            return client.send(request(method, path, body, headers))
                    .read(method.equals("HEAD"), Duration.ofSeconds(20));
        }
    }

    /** A POST of JSON on a connection of its own. */
    static Received post(int port, String path, String body, String... headers) {
        String[] all = Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = "content-type";
        all[headers.length + 1] = "application/json";
        return call(port, "POST", path, body, all);
    }

    /** The bytes of a request with its length; headers as name and value in turn. */
    static byte[] request(String method, String path, String body, String... headers) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nhost: agent.test\r\n");
        for (int i = 0; i < headers.length; i += 2) {
            head.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
        }
        head.append("content-length: ").append(bytes.length).append("\r\n\r\n");
        byte[] start = head.toString().getBytes(StandardCharsets.UTF_8);
        byte[] all = Arrays.copyOf(start, start.length + bytes.length);
        System.arraycopy(bytes, 0, all, start.length, bytes.length);
        return all;
    }

    RawClient send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /**
     * Reads one answer; interim ones (1xx) are skipped.
     *
     * @param bodiless whether it has none, as to a HEAD
     * @param time longest that any read of it waits
     */
    Received read(boolean bodiless, Duration time) {
        Answer answer = new Answer(bodiless);
        End end = End.WHOLE;
        try {
            socket.setSoTimeout((int) time.toMillis());
            answer.read(socket.getInputStream());
            end = answer.complete ? End.WHOLE : End.CUT;
        } catch (SocketTimeoutException e) {
            end = End.TIMEOUT;
        } catch (IOException e) {
            end = End.RESET;
        }
        return new Received(
                answer.status,
                answer.headers,
                answer.headNanos,
                ByteString.copyFrom(answer.body.toByteArray()),
                answer.pieces,
                end);
    }

    /** Leaves in the middle of whatever there is. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An answer that is being read. */
    private static final class Answer {
        private final boolean bodiless;
        private final byte[] buffer = new byte[1 << 16];
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private final List<Piece> pieces = new ArrayList<>();
        private int at;
        private int filled;
        private int status;
        private Map<String, String> headers = new TreeMap<>();
        private long headNanos;
        private boolean complete;

        Answer(boolean bodiless) {
            this.bodiless = bodiless;
        }

        void read(InputStream in) throws IOException {
            do {
                if (!head(in)) {
                    return;
                }
            } while (status < 200 && status != 101);
            if (bodiless || status == 204 || status == 304 || status == 101) {
                complete = true;
            } else if ("chunked".equals(headers.get("transfer-encoding"))) {
                chunks(in);
            } else {
                String length = headers.get("content-length");
                complete = take(in, length == null ? Long.MAX_VALUE : Long.parseLong(length)) || length == null;
            }
        }

        private boolean head(InputStream in) throws IOException {
            String line = line(in);
            if (line == null) {
                return false;
            }
            status = Integer.parseInt(line.substring(9, 12));
            headers = new TreeMap<>();
            for (line = line(in); line != null && !line.isEmpty(); line = line(in)) {
                int colon = line.indexOf(':');
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
            headNanos = System.nanoTime();
            return line != null;
        }

        private void chunks(InputStream in) throws IOException {
            while (true) {
                String line = line(in);
                if (line == null || line.isEmpty()) {
                    return;
                }
                long size = Long.parseLong(line.replaceFirst(";.*", ""), 16);
                if (!take(in, size)) {
                    return;
                }
                if (size == 0) {
                    // trailers, and the empty line behind them
                    for (line = line(in); line != null && !line.isEmpty(); line = line(in)) {}
                    complete = line != null;
                    return;
                }
                line(in);
            }
        }

        /** Takes {@code size} bytes of the body; false where the connection ends before. */
        private boolean take(InputStream in, long size) throws IOException {
            for (long left = size; left > 0; ) {
                if (at == filled && !fill(in)) {
                    return false;
                }
                int now = (int) Math.min(left, filled - at);
                pieces.add(new Piece(System.nanoTime(), body.size(), body.size() + now));
                body.write(buffer, at, now);
                at += now;
                left -= now;
            }
            return true;
        }

        private @Nullable String line(InputStream in) throws IOException {
            StringBuilder line = new StringBuilder();
            while (true) {
                if (at == filled && !fill(in)) {
                    return null;
                }
                char c = (char) (buffer[at++] & 0xff);
                if (c == '\n') {
                    return line.toString();
                }
                if (c != '\r') {
                    line.append(c);
                }
            }
        }

        private boolean fill(InputStream in) throws IOException {
            at = 0;
            filled = Math.max(0, in.read(buffer));
            return filled > 0;
        }
    }
}
