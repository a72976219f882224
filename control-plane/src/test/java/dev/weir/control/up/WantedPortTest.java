package dev.weir.control.up;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WantedPortTest {
    private static WantedPort at(int port, String option) {
        return new WantedPort(new InetSocketAddress("127.0.0.1", port), "the part of " + option, option);
    }

    @Test
    void a_port_in_use_is_named_with_who_wants_it_and_what_chooses_another() throws Exception {
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = taken.getLocalPort();
            WantedPort wanted = at(port, "--listen");
            assertThatThrownBy(() -> WantedPort.check(List.of(wanted), Duration.ZERO))
                    .isInstanceOf(UpRefusal.class)
                    .hasMessageStartingWith("port " + port + " of 127.0.0.1 cannot be had: ")
                    .hasMessageEndingWith("; it is for the part of --listen (--listen chooses another)");
        }
        WantedPort free = at(port, "--listen");
        assertThatCode(() -> WantedPort.check(List.of(free), Duration.ZERO)).doesNotThrowAnyException();
    }

    @Test
    void one_port_for_two_is_refused() {
        assertThatThrownBy(() -> WantedPort.check(List.of(at(18000, "xds"), at(18000, "--listen")), Duration.ZERO))
                .isInstanceOf(UpRefusal.class)
                .hasMessage("--listen: port 18000 (expected: another one than the part of xds has, xds)");
    }

    @Test
    void any_port_is_no_port_where_others_have_to_find_it() {
        assertThatThrownBy(() -> WantedPort.check(List.of(at(0, "Mesh.spec.xds.listen")), Duration.ZERO))
                .isInstanceOf(UpRefusal.class)
                .hasMessageStartingWith("Mesh.spec.xds.listen: port 0 (expected: a fixed port");
    }
}
