package dev.weir.control.demo;

import dev.weir.control.certs.MeshCertificates;
import dev.weir.control.testbed.AdminClient;
import dev.weir.control.testbed.AwaitChildren;
import dev.weir.control.testbed.ChainPlace;
import dev.weir.control.testbed.Children;
import dev.weir.control.testbed.Fleet;
import dev.weir.control.testbed.Ports;
import dev.weir.control.testbed.RawCall;
import dev.weir.control.testbed.SidecarBootstrap;
import dev.weir.control.testbed.provider.DemoProvider;
import dev.weir.control.testbed.provider.ProviderSpec;
import dev.weir.xds.delivery.SidecarProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A mesh for one policy: a control plane with a database of its own, two sidecars and their collectors, each in a process of
 * its own as it would be anywhere.
 */
final class Stage implements AutoCloseable {
    private static final String GATEWAY = "egress-1";
    private static final Duration READY = Duration.ofSeconds(30);

    private final Children.Child controlPlane;
    private final List<Children.Child> sidecars = new ArrayList<>();
    private final List<Children.Child> sides = new ArrayList<>();
    private final List<Children.Child> collectors = new ArrayList<>();
    private final Path folder;
    private final String policy;
    private final List<String> java;
    private final Children children;
    private final Places places;
    private final AdminClient admin;
    private final Path database;
    private final MeshCertificates certificates;

    /**
     * Where everything listens.
     *
     * @param sidecars one port per sidecar
     * @param sidecarAdmins one port per sidecar
     * @param side the egress gateway's port
     */
    record Places(int xds, int admin, List<Integer> sidecars, List<Integer> sidecarAdmins, int side, int sideAdmin) {
        static Places of(Ports ports) {
            return new Places(
                    ports.prefer(18000),
                    ports.prefer(18001),
                    List.of(ports.prefer(10000), ports.prefer(10001)),
                    List.of(ports.prefer(9901), ports.prefer(9902)),
                    ports.prefer(10011),
                    ports.prefer(9911));
        }
    }

    /**
     * Starts everything and waits for nothing.
     *
     * @param folder for its files; made here
     * @param mode in which an egress gateway may stand before the providers
     * @param java command that runs this application, but for its arguments
     */
    Stage(
            Path folder,
            String policy,
            DemoOptions.Mode mode,
            Places places,
            ChainPlace chain,
            List<DemoProvider> providers,
            List<String> java,
            Path envoy,
            Children children) {
        this.folder = folder;
        this.policy = policy;
        this.java = java;
        this.children = children;
        this.places = places;
        this.admin = new AdminClient(places.admin());
        Path config = folder.resolve("config");
        this.database = config.resolve("weir.db");
        certificates = certificates(folder.resolve("certs"));
        MeshFiles.write(
                config,
                policy,
                places.xds(),
                places.admin(),
                mode,
                places.side(),
                certificates.sideIdentity(GATEWAY),
                certificates.folder("control-plane"),
                chain,
                providers);
        controlPlane =
                children.start(policy + "-control-plane", folder, with(java, "run", "--config", config.toString()));
        for (int i = 0; i < places.sidecars().size(); i++) {
            sidecars.add(sidecar(i, envoy));
        }
        if (mode != DemoOptions.Mode.SPLIT) {
            sides.add(gateway(envoy));
        }
    }

    private MeshCertificates certificates(Path certs) {
        try {
            MeshCertificates made = new MeshCertificates(certs, "demo", Instant.now(), Duration.ofDays(1));
            made.controlPlane(List.of(), List.of());
            for (int i = 0; i < places.sidecars().size(); i++) {
                made.consumer(node(i));
            }
            made.side(GATEWAY);
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(certs.toString(), e);
        }
    }

    private Children.Child sidecar(int index, Path envoy) {
        Path home = home(index);
        Path bootstrap = home.resolve("bootstrap.yaml");
        try {
            Files.createDirectories(home);
            SidecarBootstrap.consumer()
                    .withNode(node(index))
                    .withProfile(new SidecarProfile.Consumer(
                            "127.0.0.1",
                            places.sidecars().get(index),
                            accessLog(index).toString()))
                    .withAdmin("127.0.0.1", places.sidecarAdmins().get(index))
                    .withControlPlane("127.0.0.1", places.xds(), certificates.folder(node(index)))
                    .write(bootstrap);
        } catch (IOException e) {
            throw new UncheckedIOException(bootstrap.toString(), e);
        }
        return children.startEnvoy(policy + "-" + node(index), home, envoy, bootstrap);
    }

    private Children.Child gateway(Path envoy) {
        Path home = folder.resolve(GATEWAY);
        Path bootstrap = home.resolve("bootstrap.yaml");
        List<String> names = Fleet.PROVIDERS.stream().map(ProviderSpec::name).toList();
        try {
            Files.createDirectories(home);
            SidecarBootstrap.egress()
                    .withNode(GATEWAY)
                    .withProfile(new SidecarProfile.Provider("127.0.0.1", places.side(), names))
                    .withAdmin("127.0.0.1", places.sideAdmin())
                    .withControlPlane("127.0.0.1", places.xds(), certificates.folder(GATEWAY))
                    .write(bootstrap);
        } catch (IOException e) {
            throw new UncheckedIOException(bootstrap.toString(), e);
        }
        return children.startEnvoy(policy + "-" + GATEWAY, home, envoy, bootstrap);
    }

    private Children.Child collector(int index) {
        return children.start(
                policy + "-collect-" + (index + 1),
                home(index),
                with(
                        java,
                        "collect",
                        "--sidecar",
                        node(index),
                        "--log",
                        accessLog(index).toString(),
                        "--control-plane",
                        "127.0.0.1:" + places.xds(),
                        "--tls",
                        certificates.folder(node(index)).toString(),
                        "--envoy-admin",
                        "127.0.0.1:" + places.sidecarAdmins().get(index)));
    }

    private static String node(int index) {
        return "consumer-" + (index + 1);
    }

    private Path home(int index) {
        return folder.resolve(node(index));
    }

    private Path accessLog(int index) {
        return home(index).resolve("access.log");
    }

    /** Returns when both sidecars know all providers; the collectors, which can wait, start then. */
    void awaitReady() {
        AwaitChildren waiting = new AwaitChildren(children);
        waiting.untilTrue(
                "a decision over what all providers declared",
                READY,
                () -> admin.ready() && admin.declared().size() == Fleet.PROVIDERS.size());
        for (int port : places.sidecars()) {
            waiting.untilTrue(
                    "a sidecar that knows all providers",
                    READY,
                    () -> RawCall.get(port, "/.well-known/weir").body().contains(Fleet.LARGEST));
        }
        if (!sides.isEmpty()) {
            waiting.untilTrue(
                    "a gateway that has its routes",
                    READY,
                    () -> RawCall.get(places.side(), "/").status() == 404);
        }
        for (int i = 0; i < places.sidecars().size(); i++) {
            collectors.add(collector(i));
        }
    }

    AdminClient admin() {
        return admin;
    }

    /** The ledger's and the decisions' file. */
    Path database() {
        return database;
    }

    int sidecarPort() {
        return places.sidecars().get(0);
    }

    List<InetSocketAddress> sidecarAddresses() {
        return places.sidecars().stream()
                .map(port -> new InetSocketAddress("127.0.0.1", port))
                .toList();
    }

    /** Ends it so that nothing is lost: who writes records first, who stores them last. */
    @Override
    public void close() {
        children.stop(sidecars);
        children.stop(collectors);
        children.stop(sides);
        children.stop(List.of(controlPlane));
    }

    private static List<String> with(List<String> command, String... arguments) {
        List<String> whole = new ArrayList<>(command);
        whole.addAll(List.of(arguments));
        return whole;
    }
}
