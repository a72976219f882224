package dev.weir.control.server;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * TCP connections on loopback by which every byte takes its time, in both directions; how long can be changed. They can be
 * cut, ended one way, and partitioned one way: then what is sent that way waits, as TCP sends it again and again, and goes on
 * when the partition is over. Of lost packets TCP shows the time that it takes to send them again.
 */
final class SlowLine implements AutoCloseable {
    /** A direction. */
    enum Way {
        /** To the target. */
        OUT,
        /** From it. */
        BACK
    }

    /** Pieces underway on one connection, beyond which the sender has to wait. */
    private static final int UNDERWAY = 64;
    /** Linux's least time until it sends a lost packet again. */
    private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final ServerSocket server;
    private final int target;
    private final List<Connection> connections = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Way> partitioned = EnumSet.noneOf(Way.class);
    private volatile long delayNanos;
    private volatile double loss;

    /** Bytes and when they may arrive; none = the end. */
    private record Piece(long dueNanos, ByteString bytes) {}

    private record Connection(Socket near, Socket far) {
        Socket end(Way way) {
            return way == Way.OUT ? far : near;
        }

        boolean over() {
            return near.isClosed() && far.isClosed();
        }
    }

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

    /** @param share of what is sent from now on that is lost and sent again, in [0, 1) */
    void setLoss(double share) {
        loss = share;
    }

    /** Nothing more arrives that way, until {@link #join}. */
    void partition(Way way) {
        lock.lock();
        try {
            partitioned.add(way);
        } finally {
            lock.unlock();
        }
    }

    /** Ends every partition: what was sent meanwhile arrives. */
    void join() {
        lock.lock();
        try {
            partitioned.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Resets every connection that there is. */
    void cut() throws IOException {
        for (Connection each : connections) {
            for (Way way : Way.values()) {
                Socket socket = each.end(way);
                if (!socket.isClosed()) {
                    socket.setSoLinger(true, 0);
                    socket.close();
                }
            }
        }
        connections.removeIf(Connection::over);
    }

    /** Says on every connection that there is that nothing more comes that way; the other goes on. */
    void end(Way way) {
        for (Connection each : connections) {
            try {
                each.end(way).shutdownOutput();
            } catch (IOException e) {
                // it has ended already
            }
        }
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
            connections.removeIf(Connection::over);
            connections.add(new Connection(near, far));
            carry(near, far, Way.OUT);
            carry(far, near, Way.BACK);
        } catch (IOException e) {
            near.close(); // nobody listens there
        }
    }

    private void carry(Socket from, Socket to, Way way) {
        BlockingQueue<Piece> underway = new LinkedBlockingQueue<>(UNDERWAY);
        SplittableRandom random = new SplittableRandom(1);
        start(() -> {
            byte[] buffer = new byte[65_536];
            try {
                try {
                    for (int n = from.getInputStream().read(buffer);
                            n >= 0;
                            n = from.getInputStream().read(buffer)) {
                        underway.put(new Piece(
                                System.nanoTime() + delayNanos + again(random), ByteString.copyFrom(buffer, 0, n)));
                    }
                } catch (IOException e) {
                    // as good as its end
                }
                underway.put(new Piece(System.nanoTime(), ByteString.EMPTY));
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts a line", e);
            }
        });
        start(() -> {
            try {
                for (Piece piece = underway.take(); !piece.bytes.isEmpty(); piece = underway.take()) {
                    TimeUnit.NANOSECONDS.sleep(piece.dueNanos - System.nanoTime());
                    awaitJoined(way);
                    piece.bytes.writeTo(to.getOutputStream());
                }
                awaitJoined(way);
                from.close();
                to.close();
            } catch (IOException | InterruptedException e) {
                // an end is closed: the other thread sees it, or has; what is still read is nobody's
                close(from);
                underway.clear();
            }
        });
    }

    /** What a piece takes longer because it was lost, and perhaps again. */
    private long again(SplittableRandom random) {
        long nanos = 0;
        for (long wait = AGAIN_NANOS; random.nextDouble() < loss; wait *= 2) {
            nanos += wait;
        }
        return nanos;
    }

    private void awaitJoined(Way way) throws InterruptedException {
        lock.lock();
        try {
            while (partitioned.contains(way)) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "slow-line");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        join();
        cut();
    }
}
