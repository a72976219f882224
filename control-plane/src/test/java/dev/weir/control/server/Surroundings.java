package dev.weir.control.server;

import dev.weir.control.server.FaultSchedule.Nemesis;
import dev.weir.control.server.SlowLine.Way;
import dev.weir.control.testing.StdinFailpoints;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What surrounds the processes of a mesh: lines, clock and strangers. All well at first. */
final class Surroundings implements AutoCloseable {
    private static final int[] WRONG_SECONDS = {-7_200, -600, -35, -1, 1, 35, 600, 7_200};
    private static final int MAX_DELAY_MILLIS = 300;
    private static final double MAX_LOSS = 0.2;
    private static final int CONNECTIONS = 300;
    private static final int CONNECT_MILLIS = 200;

    private final FaultMesh mesh;
    private final List<Socket> strangers = new ArrayList<>();

    Surroundings(FaultMesh mesh) {
        this.mesh = mesh;
    }

    /** @param amount in [0, 1) */
    void begin(Nemesis nemesis, double amount) throws IOException {
        SlowLine sidecar = mesh.sidecarLine();
        SlowLine collector = mesh.collectorLine();
        switch (nemesis) {
            case NONE -> {}
            case SIDECAR_UNHEARD -> sidecar.partition(Way.OUT);
            case SIDECAR_DEAF -> sidecar.partition(Way.BACK);
            case SIDECAR_ALONE -> {
                sidecar.partition(Way.OUT);
                sidecar.partition(Way.BACK);
            }
            case COLLECTOR_UNHEARD -> collector.partition(Way.OUT);
            case COLLECTOR_DEAF -> collector.partition(Way.BACK);
            case LATENCY -> {
                sidecar.setDelayMillis((long) (amount * MAX_DELAY_MILLIS));
                collector.setDelayMillis((long) (amount * MAX_DELAY_MILLIS));
            }
            case LOSS -> {
                sidecar.setLoss(amount * MAX_LOSS);
                collector.setLoss(amount * MAX_LOSS);
            }
            case RESET -> {
                sidecar.cut();
                collector.cut();
            }
            case HALF_CLOSED -> {
                sidecar.end(amount < 0.5 ? Way.OUT : Way.BACK);
                collector.end(amount < 0.5 ? Way.OUT : Way.BACK);
            }
            case CLOCK -> setClock(WRONG_SECONDS[(int) (amount * WRONG_SECONDS.length)]);
            case CONNECTIONS -> flood();
        }
    }

    /** Makes all well again. */
    void end() throws IOException {
        for (SlowLine line : List.of(mesh.sidecarLine(), mesh.collectorLine())) {
            line.join();
            line.setDelayMillis(0);
            line.setLoss(0);
        }
        for (Socket socket : strangers) {
            socket.close();
        }
        strangers.clear();
        setClock(0);
    }

    private void setClock(int secondsAhead) throws IOException {
        tell(mesh.controlPlane(), StdinFailpoints.CLOCK + " " + 1_000L * secondsAhead);
    }

    /** From an address of the loopback that nobody else has: one address must not take all the room. */
    private void flood() throws IOException {
        InetAddress stranger = InetAddress.getByName("127.0.0.2");
        for (int i = 0; i < CONNECTIONS; i++) {
            for (int port : List.of(mesh.xdsPort(), mesh.adminPort())) {
                Socket socket = new Socket();
                strangers.add(socket);
                try {
                    socket.bind(new InetSocketAddress(stranger, 0));
                    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
                } catch (IOException e) {
                    return; // nobody listens now, or accepts
                }
            }
        }
    }

    /** A line for the failpoints of a process; one that is gone hears nothing. */
    static void tell(Process process, String line) {
        try {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            // killed at that moment
        }
    }

    @Override
    public void close() throws IOException {
        end();
    }
}
