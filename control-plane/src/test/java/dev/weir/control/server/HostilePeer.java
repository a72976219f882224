package dev.weir.control.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Somebody who opens connections to a port and says on them what it likes, in HTTP/2's frames or not. It need not listen. */
final class HostilePeer implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;

    /** An address of the loopback that is nobody else's: what one address may have at most is its own affair. */
    private static final String ADDRESS = "127.0.0.3";

    private static final int CONNECT_MILLIS = 500;

    private final int port;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    HostilePeer(int port) {
        this.port = port;
    }

    Socket connect() throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.bind(new InetSocketAddress(ADDRESS, 0));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
        return socket;
    }

    /** A connection that has said that it speaks HTTP/2. */
    Socket http2(byte[] settings) throws IOException {
        Socket socket = connect();
        socket.getOutputStream().write(greeting(settings));
        return socket;
    }

    static byte[] greeting(byte[] settings) {
        return join(
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                frame(SETTINGS, 0, 0, settings));
    }

    static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .put((byte) (payload.length >> 8))
                .put((byte) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    static byte[] setting(int number, int value) {
        return ByteBuffer.allocate(6).putShort((short) number).putInt(value).array();
    }

    /** The header block of a call, nothing of it compressed or remembered; {@code more}: names and values. */
    static byte[] call(String method, String... more) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        header(block, ":method", "POST");
        header(block, ":scheme", "http");
        header(block, ":path", "/" + method);
        header(block, ":authority", "weir");
        header(block, "content-type", "application/grpc");
        header(block, "te", "trailers");
        for (int i = 0; i < more.length; i += 2) {
            header(block, more[i], more[i + 1]);
        }
        return block.toByteArray();
    }

    private static void header(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        text(block, name);
        text(block, value);
    }

    private static void text(ByteArrayOutputStream block, String text) {
        int length = text.length();
        if (length < 127) {
            block.write(length);
        } else {
            block.write(127);
            int rest = length - 127;
            for (; rest >= 128; rest >>= 7) {
                block.write(128 | (rest & 127));
            }
            block.write(rest);
        }
        block.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A message as gRPC frames it. */
    static byte[] message(int compressed, int length, byte[] message) {
        return ByteBuffer.allocate(5 + message.length)
                .put((byte) compressed)
                .putInt(length)
                .put(message)
                .array();
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** Goes, some connections by a reset. Any thread may call it; who writes meanwhile gets an {@link IOException}. */
    @Override
    public void close() {
        int number = 0;
        for (Socket socket : sockets) {
            try (socket) {
                socket.setSoLinger(number++ % 2 == 0, 0);
            } catch (IOException e) {
                // it was never open, or is closed
            }
        }
    }
}
