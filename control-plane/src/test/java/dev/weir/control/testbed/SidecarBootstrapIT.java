package dev.weir.control.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.certs.MeshCertificates;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.testing.EnvoyProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SidecarBootstrapIT {
    private static final Path FOLDER = Path.of("..", "envoy-configs");

    @Test
    void envoy_accepts_every_file_of_the_folder_with_certificates_beside_it(@TempDir Path directory)
            throws IOException {
        Path certificates = new MeshCertificates(directory, "weir", Instant.now(), Duration.ofDays(1)).consumer("n");
        List<Path> files;
        try (Stream<Path> all = Files.list(FOLDER)) {
            files = all.filter(file -> file.toString().endsWith(".yaml")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(files).isNotEmpty();
        for (Path file : files) {
            String text = Files.readString(file);
            Path here = directory.resolve("file.yaml");
            Files.writeString(here, text.replace("path: certs", "path: " + certificates));
            assertThat(text).contains("path: certs");
            assertThat(EnvoyProcess.validate(here)).as(file.toString()).isEmpty();
        }
    }

    @Test
    void the_admin_port_tells_nothing_of_the_configuration_and_ends_nothing(@TempDir Path directory) {
        for (SidecarBootstrap file :
                List.of(SidecarBootstrap.consumer(), SidecarBootstrap.provider(), SidecarBootstrap.egress())) {
            try (EnvoyProcess envoy = EnvoyProcess.startClosed(
                    directory, file.withControlPlane("127.0.0.1", 1).text())) {
                for (String path : List.of("/ready", "/stats", "/stats?filter=xds", "/stats/prometheus?usedonly")) {
                    assertThat(envoy.adminStatus("GET", path)).as(path).isIn(200, 503);
                }
                assertThat(envoy.adminStatus("POST", "/reopen_logs")).isEqualTo(200);
                for (String path : List.of(
                        "/",
                        "/help",
                        "/config_dump",
                        "/%63onfig_dump",
                        "/config_dump?/ready",
                        "/ready?/config_dump",
                        "/stats/../config_dump",
                        "//config_dump",
                        "/stats/recentlookups",
                        "/clusters",
                        "/certs",
                        "/server_info",
                        "/init_dump",
                        "/runtime",
                        "/memory",
                        "/contention")) {
                    assertThat(envoy.adminStatus("GET", path)).as(path).isEqualTo(403);
                }
                for (String path : List.of(
                        "/quitquitquit",
                        "/healthcheck/fail",
                        "/drain_listeners",
                        "/reset_counters",
                        "/logging?level=trace",
                        "/runtime_modify?a=b",
                        "/cpuprofiler?enable=y",
                        "/tap")) {
                    assertThat(envoy.adminStatus("POST", path)).as(path).isEqualTo(403);
                }
                assertThat(envoy.isAlive()).isTrue();
            }
        }
    }

    @Test
    void envoy_accepts_what_is_rendered_and_has_the_values_in_it(@TempDir Path directory) throws IOException {
        Path certificates = new MeshCertificates(directory, "weir", Instant.now(), Duration.ofDays(1)).consumer("n");
        Path file = directory.resolve("rendered.yaml");
        SidecarBootstrap.consumer()
                .withNode("agent-7")
                .withProfile(new SidecarProfile.Consumer("127.0.0.2", 12345, "/tmp/agent \"7\".log"))
                .withAdmin("127.0.0.3", 12346)
                .withControlPlane("control.example", 12347, certificates)
                .write(file);

        assertThat(EnvoyProcess.validate(file)).isEmpty();
        assertThat(Files.readString(file))
                .contains("agent-7", "127.0.0.2", "12345", "agent \\\"7\\\".log", "127.0.0.3", "12346")
                .contains("control.example")
                .doesNotContain("18000", "9901", "\"certs");
    }
}
