package dev.weir.bench.loop;

import dev.weir.control.testbed.Children;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Envoys without a control plane; {@link JsqCheck} may tell them where each call goes. */
final class PeerMesh implements Mesh {
    private final Bench bench;
    private final Plant plant;
    private final List<InetSocketAddress> addresses = new ArrayList<>();
    private final List<Children.Child> envoys = new ArrayList<>();
    private final List<AutoCloseable> more = new ArrayList<>();

    PeerMesh(Bench bench, Policy policy, Plant plant, List<JobServer> providers, Path folder) {
        this.bench = bench;
        this.plant = plant;
        PeerBootstrap bootstrap =
                new PeerBootstrap(plant, providers.stream().map(JobServer::port).toList());
        int checkPort = 0;
        if (policy == Policy.JSQ) {
            JsqCheck check = JsqCheck.start(plant, providers, bench.providerLoop());
            more.add(check);
            checkPort = check.port();
        }
        for (int i = 0; i < plant.sidecars(); i++) {
            int port = bench.port();
            addresses.add(new InetSocketAddress("127.0.0.1", port));
            String text = switch (policy) {
                case JSQ -> bootstrap.checked(port, checkPort);
                case WRR -> bootstrap.weightedClusters(port);
                case LEAST_REQUEST -> bootstrap.leastRequestByWeight(port);
                case P2C -> bootstrap.leastRequest(port);
                case CSWRR -> bootstrap.clientSideWeights(port);
                default -> throw new IllegalArgumentException(policy + " (expected: a peer)");
            };
            String name = policy.label() + "-" + (i + 1);
            envoys.add(EnvoyChild.start(bench, name, folder.resolve(name), text));
        }
    }

    @Override
    public List<InetSocketAddress> sidecars() {
        return addresses;
    }

    @Override
    public void awaitReady() {
        new Probe(bench).serves(addresses, plant.pools());
    }

    @Override
    public long releases() {
        return 0;
    }

    @Override
    public long envoyCpuNanos() {
        return envoys.stream().mapToLong(Children.Child::cpuNanos).sum();
    }

    @Override
    public long controlCpuNanos() {
        return 0;
    }

    @Override
    public void close() {
        bench.children().stop(envoys);
        for (AutoCloseable one : more) {
            try {
                one.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
