package dev.weir.control.cli;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** TCP connections on loopback by which every byte takes its time, in both directions; how long can be changed. They can be cut. */
final class SlowLine implements AutoCloseable {
    private final ServerSocket server;
    private final int target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile long delayNanos;

    /** Bytes and when they may arrive; none = the end. */
    private record Piece(long dueNanos, ByteString bytes) {}

    /** @param target port on loopback */
    SlowLine(int target) {
        this.target = target;
        try {
            server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** What a byte takes each way from now on. */
    void setDelayMillis(long millis) {
        delayNanos = TimeUnit.MILLISECONDS.toNanos(millis);
    }

    /** Resets every connection that there is. */
    void cut() throws IOException {
        for (Socket socket : sockets) {
            if (!socket.isClosed()) {
                socket.setSoLinger(true, 0);
                socket.close();
            }
        }
        sockets.clear();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                connect(server.accept());
            } catch (IOException e) {
                // closed
            }
        }
    }

    private void connect(Socket near) throws IOException {
        try {
            Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            sockets.addAll(List.of(near, far));
            carry(near, far);
            carry(far, near);
        } catch (IOException e) {
            near.close(); // nobody listens there
        }
    }

    private void carry(Socket from, Socket to) {
        BlockingQueue<Piece> underway = new LinkedBlockingQueue<>();
        start(() -> {
            byte[] buffer = new byte[65_536];
            try {
                for (int n = from.getInputStream().read(buffer);
                        n >= 0;
                        n = from.getInputStream().read(buffer)) {
                    underway.add(new Piece(System.nanoTime() + delayNanos, ByteString.copyFrom(buffer, 0, n)));
                }
            } catch (IOException e) {
                // as good as its end
            }
            underway.add(new Piece(System.nanoTime(), ByteString.EMPTY));
        });
        start(() -> {
            try {
                for (Piece piece = underway.take(); !piece.bytes.isEmpty(); piece = underway.take()) {
                    TimeUnit.NANOSECONDS.sleep(piece.dueNanos - System.nanoTime());
                    piece.bytes.writeTo(to.getOutputStream());
                }
                from.close();
                to.close();
            } catch (IOException | InterruptedException e) {
                // an end is closed: the other thread sees it, or has
            }
        });
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "slow-line");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
