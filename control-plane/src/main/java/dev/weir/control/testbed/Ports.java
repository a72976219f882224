package dev.weir.control.testbed;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Hands out ports of the loopback address that nobody listens on, each once. Well-known ones only to one demo at a time: two
 * Envoys that take the same port share it silently (SO_REUSEPORT), and each would get some of the other's calls.
 */
public final class Ports implements AutoCloseable {
    private final Set<Integer> given = new LinkedHashSet<>();
    private final Optional<FileChannel> lock;

    /** @param lockFile of all demos on this machine */
    public Ports(Path lockFile) {
        this.lock = lock(lockFile);
    }

    /** {@code wanted} if it is free and no other demo is there, otherwise any. */
    public int prefer(int wanted) {
        if (lock.isPresent() && isFree(wanted)) {
            given.add(wanted);
            return wanted;
        }
        return any();
    }

    /** Lets the next demo have the well-known ports. */
    @Override
    public void close() {
        lock.ifPresent(Ports::close);
    }

    private static Optional<FileChannel> lock(Path file) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock held = channel.tryLock();
            if (held != null) {
                return Optional.of(channel);
            }
            channel.close();
        } catch (IOException | OverlappingFileLockException e) {
            // another user's demo, or no such folder: other ports do as well
        }
        return Optional.empty();
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new TestbedFailure("cannot close the demo's lock: " + e.getMessage());
        }
    }

    private boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress("127.0.0.1", port));
            return !given.contains(port);
        } catch (IOException e) {
            return false;
        }
    }

    /** Any free port. */
    public int any() {
        while (true) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress("127.0.0.1", 0));
                if (given.add(socket.getLocalPort())) {
                    return socket.getLocalPort();
                }
            } catch (IOException e) {
                throw new TestbedFailure("no free port on 127.0.0.1: " + e.getMessage());
            }
        }
    }
}
