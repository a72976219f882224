package dev.weir.control.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PortsIT {
    @TempDir
    private Path folder;

    @Test
    void gives_what_is_wanted_once_and_only_when_it_is_free() throws IOException {
        int free;
        try (Ports ports = new Ports(folder.resolve("lock"));
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(ports.prefer(taken.getLocalPort())).isNotEqualTo(taken.getLocalPort());
            free = ports.prefer(0);
            assertThat(ports.prefer(free)).isNotEqualTo(free).isPositive();
        }
        try (Ports ports = new Ports(folder.resolve("lock"))) {
            assertThat(ports.prefer(free)).isEqualTo(free);
        }
    }

    @Test
    void well_known_ports_go_to_one_demo_at_a_time() throws IOException {
        int port;
        try (ServerSocket known = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = known.getLocalPort();
        }
        try (Ports first = new Ports(folder.resolve("lock"))) {
            try (Ports second = new Ports(folder.resolve("lock"))) {
                assertThat(second.prefer(port)).isNotEqualTo(port);
            }
            assertThat(first.prefer(port)).isEqualTo(port);
        }
    }
}
