package dev.weir.control.demo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.LinkedHashSet;
import java.util.Set;

/** Hands out ports of the loopback address that nobody listens on, each once. */
final class Ports {
    private final Set<Integer> given = new LinkedHashSet<>();

    /** {@code wanted} if it is free, otherwise any. */
    int prefer(int wanted) {
        int port = isFree(wanted) ? wanted : any();
        given.add(port);
        return port;
    }

    private boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress("127.0.0.1", port));
            return !given.contains(socket.getLocalPort());
        } catch (IOException e) {
            return false;
        }
    }

    private int any() {
        while (true) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress("127.0.0.1", 0));
                if (!given.contains(socket.getLocalPort())) {
                    return socket.getLocalPort();
                }
            } catch (IOException e) {
                throw new DemoFailure("no free port on 127.0.0.1: " + e.getMessage());
            }
        }
    }
}
