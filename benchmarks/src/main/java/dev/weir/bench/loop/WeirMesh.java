package dev.weir.bench.loop;

import dev.weir.control.testbed.AdminClient;
import dev.weir.control.testbed.Children;
import dev.weir.control.testbed.SidecarBootstrap;
import dev.weir.xds.delivery.SidecarProfile;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** The mesh under test: the control plane and its sidecars, each in a process of its own. */
final class WeirMesh implements Mesh {
    private final Bench bench;
    private final Policy policy;
    private final Plant plant;
    private final Path config;
    private final AdminClient admin;
    private final URI metrics;
    private final List<InetSocketAddress> addresses = new ArrayList<>();
    private final List<Children.Child> envoys = new ArrayList<>();
    private final List<ChanceRelay> relays = new ArrayList<>();
    private Children.Child controlPlane;
    private long formerCpuNanos;

    WeirMesh(Bench bench, Policy policy, Plant plant, List<JobServer> providers, Path folder) {
        this.bench = bench;
        this.policy = policy;
        this.plant = plant;
        this.config = folder.resolve("config");
        int xds = bench.port();
        int adminPort = bench.port();
        this.admin = new AdminClient(adminPort);
        this.metrics = URI.create("http://127.0.0.1:" + adminPort + "/metrics");
        OptionalInt side = policy == Policy.BOUNCE ? OptionalInt.of(bench.port()) : OptionalInt.empty();
        new MeshYaml(policy, plant, side)
                .write(
                        config,
                        xds,
                        adminPort,
                        providers.stream().map(JobServer::port).toList());
        this.controlPlane = startControlPlane();
        int served = xds;
        if (policy == Policy.RANDOM) {
            ChanceRelay relay = new ChanceRelay(xds);
            relays.add(relay);
            served = relay.port();
        }
        for (int i = 0; i < plant.sidecars(); i++) {
            int port = bench.port();
            String name = policy.label() + "-" + (i + 1);
            Path home = folder.resolve(name);
            addresses.add(new InetSocketAddress("127.0.0.1", port));
            String bootstrap = SidecarBootstrap.consumer()
                    .withNode(name)
                    .withProfile(new SidecarProfile.Consumer(
                            "127.0.0.1", port, home.resolve("access.log").toString()))
                    .withAdmin("127.0.0.1", 0)
                    .withControlPlane("127.0.0.1", served)
                    .text();
            envoys.add(EnvoyChild.start(bench, name, home, bootstrap));
        }
        side.ifPresent(port -> {
            String name = policy.label() + "-egress";
            String bootstrap = SidecarBootstrap.egress()
                    .withNode(name)
                    .withProfile(new SidecarProfile.Provider(
                            "127.0.0.1",
                            port,
                            plant.servers().stream().map(Server::name).toList()))
                    .withAdmin("127.0.0.1", 0)
                    .withControlPlane("127.0.0.1", xds)
                    .text();
            envoys.add(EnvoyChild.start(bench, name, folder.resolve(name), bootstrap));
        });
    }

    private Children.Child startControlPlane() {
        List<String> command = new ArrayList<>(bench.java());
        command.addAll(List.of("run", "--config", config.toString()));
        return bench.children().start(policy.label() + "-control-plane", config, command);
    }

    @Override
    public List<InetSocketAddress> sidecars() {
        return addresses;
    }

    @Override
    public void awaitReady() {
        Probe probe = new Probe(bench);
        probe.until("a decision of the control plane", admin::ready);
        probe.serves(addresses, plant.pools());
    }

    /** SIGKILL to the control plane; sidecars keep what they had. */
    void killControlPlane() {
        formerCpuNanos += controlPlane.cpuNanos();
        controlPlane.kill();
    }

    /** Starts it again, on its files and ports. */
    void restartControlPlane() {
        controlPlane = startControlPlane();
    }

    /** Requests that the control plane granted and believes not ended; NaN where it does not say. */
    double grants() {
        return metric("weir_grants");
    }

    /** The first figure of this name; NaN where there is none. */
    double metric(String name) {
        return new Probe(bench)
                .text(metrics)
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElse(Double.NaN);
    }

    @Override
    public long releases() {
        return admin.epoch().sequence();
    }

    @Override
    public long envoyCpuNanos() {
        return envoys.stream().mapToLong(Children.Child::cpuNanos).sum();
    }

    @Override
    public long controlCpuNanos() {
        return formerCpuNanos + controlPlane.cpuNanos();
    }

    @Override
    public void close() {
        bench.children().stop(envoys);
        relays.forEach(ChanceRelay::close);
        bench.children().stop(List.of(controlPlane));
    }
}
