package dev.weir.control.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.certs.MeshCertificates;
import dev.weir.control.config.ConfigLoader;
import dev.weir.control.config.DirectorySource;
import dev.weir.control.config.LoadedConfig;
import dev.weir.control.model.CapacitySource;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh;
import dev.weir.control.model.Provider;
import dev.weir.control.model.ProviderProxy;
import dev.weir.control.testbed.ChainPlace;
import dev.weir.control.testbed.Fleet;
import dev.weir.control.testbed.provider.DemoProvider;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MeshFilesTest {
    @Test
    void an_operator_could_have_written_them(@TempDir Path folder) throws IOException {
        MeshCertificates certificates =
                new MeshCertificates(folder.resolve("certs"), "demo", Instant.now(), Duration.ofDays(1));
        Path own = certificates.controlPlane(List.of(), List.of());
        String identity = certificates.sideIdentity("egress-1");
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        List<DemoProvider> providers = Fleet.PROVIDERS.stream()
                .map(spec -> DemoProvider.start(
                        spec, 0, (EventLoop) group.next(), System::nanoTime, InstantSource.system(), new Random(1)))
                .toList();
        try {
            String owner = "0x" + "cd".repeat(20);
            ChainPlace chain = new ChainPlace(
                    URI.create("http://127.0.0.1:8545"),
                    31337,
                    "0x" + "ab".repeat(20),
                    Collections.nCopies(providers.size(), owner));
            MeshFiles.write(
                    folder, "wrr", 18000, 18001, DemoOptions.Mode.SPLIT, 10011, identity, own, chain, providers);
            LoadedConfig loaded = new ConfigLoader(new DirectorySource(folder, name -> Optional.empty())).load();
            assertThat(loaded.problems()).isEmpty();
            Config config = loaded.config().orElseThrow();
            assertThat(config.mesh().control().policy()).isEqualTo(Mesh.Policy.WRR);
            assertThat(config.mesh().sidecars().access().tls()).isPresent();
            assertThat(config.mesh().capacity()).isInstanceOfSatisfying(CapacitySource.Chain.class, source -> {
                assertThat(source.registry()).isEqualTo(chain.registry());
                assertThat(source.confirmations()).isEqualTo(2);
            });
            assertThat(config.providers().values())
                    .allMatch(provider -> provider.proxy().isEmpty())
                    .allMatch(provider -> provider.chain().equals(Optional.of(new Provider.OnChain(owner))));
            MeshFiles.write(
                    folder,
                    "water-filling",
                    18000,
                    18001,
                    DemoOptions.Mode.GOVERNED,
                    10011,
                    identity,
                    own,
                    chain,
                    providers);
            assertThat(new ConfigLoader(new DirectorySource(folder, name -> Optional.empty()))
                            .load()
                            .config()
                            .orElseThrow()
                            .providers()
                            .values())
                    .allSatisfy(provider -> assertThat(provider.proxy())
                            .contains(new ProviderProxy(
                                    "127.0.0.1", 10011, 0.5, Duration.ofSeconds(2), Optional.of(identity), false)));
            assertThat(config.pools().values())
                    .singleElement()
                    .satisfies(pool -> assertThat(pool.members()).hasSize(5));
            assertThat(config.providers().values())
                    .extracting(provider -> provider.endpoint().port())
                    .containsExactlyInAnyOrderElementsOf(
                            providers.stream().map(DemoProvider::port).toList());
        } finally {
            providers.forEach(DemoProvider::close);
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }
}
