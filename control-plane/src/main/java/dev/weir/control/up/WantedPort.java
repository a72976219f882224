package dev.weir.control.up;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;

/**
 * A port that a part is going to listen on.
 *
 * @param who listens there, in words
 * @param chosenBy the option or the field that says which one it is
 */
record WantedPort(InetSocketAddress address, String who, String chosenBy) {
    private static final long PAUSE_MILLIS = 100;

    /**
     * Refuses when one of them is not to be had.
     *
     * @param patience for how long one may still be in use
     */
    static void check(List<WantedPort> ports, Duration patience) throws UpRefusal, InterruptedException {
        for (int i = 0; i < ports.size(); i++) {
            WantedPort port = ports.get(i);
            if (port.address.getPort() == 0) {
                throw new UpRefusal(port.chosenBy
                        + ": port 0 (expected: a fixed port, because the other parts have to find " + port.who + ")");
            }
            for (WantedPort other : ports.subList(0, i)) {
                if (other.address.getPort() == port.address.getPort()) {
                    throw new UpRefusal(port.chosenBy + ": port " + port.address.getPort()
                            + " (expected: another one than " + other.who + " has, " + other.chosenBy + ")");
                }
            }
        }
        long deadline = System.nanoTime() + patience.toNanos();
        for (WantedPort port : ports) {
            for (String problem = port.problem(); !problem.isEmpty(); problem = port.problem()) {
                if (System.nanoTime() >= deadline) {
                    throw new UpRefusal("port " + port.address.getPort() + " of " + port.address.getHostString()
                            + " cannot be had: " + problem + "; it is for " + port.who + " (" + port.chosenBy
                            + " chooses another)");
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        }
    }

    /** Why nobody can listen there now; "" = somebody can. */
    private String problem() {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(address);
            return "";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
