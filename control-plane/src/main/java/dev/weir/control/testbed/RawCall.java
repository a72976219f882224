package dev.weir.control.testbed;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * An HTTP exchange as it went over the wire.
 *
 * @param request as one would type it
 * @param response status line, headers and body, unchanged
 */
public record RawCall(String request, String response) {
    private static final int TIMEOUT_MILLIS = 30_000;
    private static final int MAX_BYTES = 1 << 20;

    public static RawCall get(int port, String path) {
        return exchange(
                port,
                "curl -i http://127.0.0.1:" + port + path,
                "GET " + path + " HTTP/1.1\r\nhost: 127.0.0.1:" + port
                        + "\r\naccept: */*\r\nconnection: close\r\n\r\n");
    }

    public static RawCall postJson(int port, String path, String body) {
        return exchange(
                port,
                "curl -i http://127.0.0.1:" + port + path + " -H 'content-type: application/json' -d '" + body + "'",
                "POST " + path + " HTTP/1.1\r\nhost: 127.0.0.1:" + port
                        + "\r\naccept: */*\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: "
                        + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body);
    }

    public int status() {
        String[] words = response.split(" ", 3);
        return words.length < 2 ? 0 : Integer.parseInt(words[1]);
    }

    public Optional<String> header(String name) {
        return response.lines()
                .takeWhile(line -> !line.isEmpty())
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .findFirst();
    }

    public String body() {
        int end = response.indexOf("\r\n\r\n");
        return end < 0 ? "" : response.substring(end + 4);
    }

    private static RawCall exchange(int port, String typed, String request) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            InputStream in = socket.getInputStream();
            return new RawCall(typed, new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return new RawCall(typed, "");
        }
    }
}
