package dev.weir.bench.loop;

import dev.weir.control.testbed.ConfigFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes the configuration of the mesh under test as its operator would. */
final class MeshYaml {
    private final Policy policy;
    private final Plant plant;
    private final String side;

    /** @param sidePort of the gateway that providers are called through; empty = they are called directly */
    MeshYaml(Policy policy, Plant plant, OptionalInt sidePort) {
        this.policy = policy;
        this.plant = plant;
        this.side = sidePort.isPresent() ? "  sidecar: {host: 127.0.0.1, port: " + sidePort.getAsInt() + "}\n" : "";
    }

    /** @param providerPorts by position of the provider */
    void write(Path directory, int xdsPort, int adminPort, List<Integer> providerPorts) {
        ConfigFiles.write(directory, mesh(xdsPort, adminPort), providers(providerPorts), pools());
    }

    private String mesh(int xdsPort, int adminPort) {
        String period = policy == Policy.SMOOTH_FAST ? "100ms" : "250ms";
        return """
            apiVersion: weir.dev/v1alpha1
            kind: Mesh
            metadata:
              name: bench
            spec:
              tick: %s
              telemetry:
                loadReportInterval: %s
              xds:
                listen: 127.0.0.1:%d
              admin:
                listen: 127.0.0.1:%d
              store:
                path: weir.db
              capacity:
                source: file
            """.formatted(period, period, xdsPort, adminPort);
    }

    private String providers(List<Integer> ports) {
        return IntStream.range(0, plant.servers().size())
                .mapToObj(i -> provider(plant.servers().get(i), ports.get(i)))
                .collect(Collectors.joining("---\n"));
    }

    private String provider(Server server, int port) {
        return String.format(Locale.ROOT, """
                apiVersion: weir.dev/v1alpha1
                kind: Provider
                metadata:
                  name: %s
                spec:
                  endpoint:
                    host: 127.0.0.1
                    port: %d
                  capacity:
                    workUnitsPerSecond: %.6f
                    slots: %d
                %s""", server.name(), port, server.declaredCapacity(), server.slots(), side);
    }

    private String pools() {
        return plant.pools().stream().map(this::pool).collect(Collectors.joining("---\n"));
    }

    private String pool(Plant.Pool pool) {
        String timeout = plant.perTryTimeoutMillis()
                .map(millis -> "  perTryTimeout: " + millis + "ms\n")
                .orElse("");
        return """
            apiVersion: weir.dev/v1alpha1
            kind: ProviderPool
            metadata:
              name: %s
            spec:
              match:
                model: %s
            %s%s  providers:
            %s""".formatted(
                        pool.name(),
                        pool.name(),
                        admission(),
                        timeout,
                        pool.providers().stream()
                                .map(name -> "    - provider: " + name + "\n")
                                .collect(Collectors.joining()));
    }

    private String admission() {
        return switch (policy) {
            case GOVERNED -> "  admission: governed\n  queue: provider\n";
            case POOLED -> "  admission: governed\n  queue: pool\n";
            default -> "";
        };
    }
}
