package dev.weir.control.demo;

import dev.weir.control.testbed.ChainPlace;
import dev.weir.control.testbed.ConfigFiles;
import dev.weir.control.testbed.Fleet;
import dev.weir.control.testbed.provider.DemoProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes the configuration of the play's mesh. */
final class MeshFiles {
    private MeshFiles() {}

    /**
     * @param policy {@code water-filling} or {@code wrr}
     * @param mode with a side: the providers stand behind it; governed: the pool has a check
     * @param sidePort where the egress gateway before all providers listens
     * @param sideIdentity of that gateway
     * @param certificates folder of the control plane's
     * @param chain where providers declared
     */
    static void write(
            Path directory,
            String policy,
            int xdsPort,
            int adminPort,
            DemoOptions.Mode mode,
            int sidePort,
            String sideIdentity,
            Path certificates,
            ChainPlace chain,
            List<DemoProvider> providers) {
        String mesh = """
                apiVersion: weir.dev/v1alpha1
                kind: Mesh
                metadata:
                  name: demo
                spec:
                  policy: %s
                  xds:
                    listen: 127.0.0.1:%d
                    tls:
                      certFile: %s/tls.crt
                      keyFile: %s/tls.key
                      clientCaFile: %s/ca.crt
                  admin:
                    listen: 127.0.0.1:%d
                  store:
                    path: weir.db
                  capacity:
                    source: chain
                    rpc: %s
                    chainId: %d
                    registry: "%s"
                    confirmations: 2
                """.formatted(
                        policy,
                        xdsPort,
                        certificates,
                        certificates,
                        certificates,
                        adminPort,
                        chain.rpc(),
                        chain.chainId(),
                        chain.registry());
        String endpoints = IntStream.range(0, providers.size())
                .mapToObj(i -> provider(providers.get(i), chain.owners().get(i), mode, sidePort, sideIdentity))
                .collect(Collectors.joining("---\n"));
        String pool = """
                apiVersion: weir.dev/v1alpha1
                kind: ProviderPool
                metadata:
                  name: %s
                spec:
                  match:
                    model: %s
                %s  providers:
                """.formatted(
                        Fleet.POOL, Fleet.MODEL, mode == DemoOptions.Mode.GOVERNED ? "  admission: governed\n" : "")
                + providers.stream()
                        .map(provider -> "    - provider: " + provider.spec().name() + "\n")
                        .collect(Collectors.joining());
        ConfigFiles.write(directory, mesh, endpoints, pool);
    }

    private static String provider(
            DemoProvider provider, String owner, DemoOptions.Mode mode, int sidePort, String sideIdentity) {
        return """
                apiVersion: weir.dev/v1alpha1
                kind: Provider
                metadata:
                  name: %s
                spec:
                  endpoint:
                    host: 127.0.0.1
                    port: %d
                  chain:
                    owner: "%s"
                """.formatted(provider.spec().name(), provider.port(), owner)
                + (mode == DemoOptions.Mode.SPLIT ? "" : """
                  sidecar:
                    host: 127.0.0.1
                    port: %d
                    identity: %s
                """.formatted(sidePort, sideIdentity));
    }
}
