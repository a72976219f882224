package dev.weir.control.up;

import dev.weir.control.collect.HostPort;
import dev.weir.control.model.Loopback;
import dev.weir.control.model.Mesh;
import dev.weir.control.testbed.EnvoyCommand;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Control plane, sidecar and collector of one machine. They end in the order in which nothing is
 * lost: who writes records first, then who delivers them, who stores them last.
 */
public final class LocalMesh implements AutoCloseable {
    private static final Duration LOOK = Duration.ofMillis(50);
    private static final Duration SILENT = Duration.ofSeconds(15);
    /** What a killed one's watchdog takes, at most. */
    private static final Duration LEFTOVERS = Duration.ofSeconds(6);

    private static final String UP = "up";

    /**
     * What it is made of.
     *
     * @param config folder of the configuration
     * @param data folder of what the parts keep
     * @param node the sidecar's id
     * @param listen where agents call the sidecar
     * @param sidecarAdmin the sidecar's admin port
     * @param certificates the sidecar's folder of certificates; empty = plain text
     * @param java command that runs this application in a process of its own, but for its arguments
     * @param envoy the sidecar's program
     */
    public record Plan(
            Path config,
            Path data,
            String node,
            HostPort listen,
            HostPort sidecarAdmin,
            Optional<Path> certificates,
            List<String> java,
            Path envoy) {}

    private final Plan plan;
    private final SidecarPlace sidecar;
    private final InetSocketAddress controlPlaneAdmin;
    private final DataFolder data;
    private final PrintStream out;
    private final PrefixedLog log;
    private final Supervisor supervisor;

    /**
     * Looks whether all can be started; starts nothing yet.
     *
     * @param mesh as the configuration has it
     * @param out hears when requests can go through
     * @param err hears everything else
     * @throws UpRefusal when something is in the way
     */
    public LocalMesh(Plan plan, Mesh mesh, PrintStream out, PrintStream err) throws UpRefusal, InterruptedException {
        this.plan = plan;
        this.out = out;
        log = new PrefixedLog(err);
        InetSocketAddress xds = mesh.sidecars().listen();
        InetSocketAddress admin = mesh.admin().listen();
        controlPlaneAdmin = new InetSocketAddress(
                near(admin.getAddress().getHostAddress(), admin.getAddress().isAnyLocalAddress()), admin.getPort());
        data = DataFolder.open(plan.data());
        try {
            WantedPort.check(
                    List.of(
                            new WantedPort(address(plan.listen()), "the sidecar, where agents call it", "--listen"),
                            new WantedPort(address(plan.sidecarAdmin()), "the sidecar's admin port", "--envoy-admin"),
                            new WantedPort(xds, "the control plane, where sidecars connect", "Mesh.spec.xds.listen"),
                            new WantedPort(
                                    mesh.admin().listen(), "the control plane's admin port", "Mesh.spec.admin.listen")),
                    data.interrupted() ? LEFTOVERS : Duration.ZERO);
            sidecar = new SidecarPlace(
                    plan.node(),
                    plan.listen(),
                    plan.sidecarAdmin(),
                    new HostPort(
                            near(
                                    xds.getAddress().getHostAddress(),
                                    xds.getAddress().isAnyLocalAddress()),
                            xds.getPort()),
                    plan.certificates(),
                    data.sub(plan.node()));
            sidecar.bootstrap().write(sidecar.bootstrapFile());
        } catch (IOException e) {
            release();
            throw new UpRefusal("--data: \"" + plan.data() + "\" cannot be written: " + e.getMessage());
        } catch (UpRefusal | InterruptedException e) {
            release();
            throw e;
        }
        supervisor = new Supervisor(log);
    }

    /** Runs until this process is told to end. */
    public void run() throws InterruptedException {
        if (!Loopback.is(plan.listen().host())) {
            log.line(
                    UP,
                    "--listen " + plan.listen() + ": the sidecar has no login, whoever reaches it uses the providers");
        }
        supervisor.start(controlPlane());
        awaitControlPlane();
        supervisor.start(collector());
        supervisor.start(new Part("sidecar", sidecar.home(), EnvoyCommand.of(plan.envoy(), sidecar.bootstrapFile())));
        HostPort agents = near(plan.listen());
        SidecarStatus status = new SidecarStatus(
                new InetSocketAddress(agents.host(), agents.port()),
                URI.create("http://" + near(plan.sidecarAdmin()) + "/"));
        while (true) {
            awaitReady(status);
            out.println("ready: http://" + agents + "/v1");
            out.flush();
            do {
                supervisor.awaitEnd();
            } while (supervisor.allRun() && status.missing().isEmpty());
        }
    }

    /**
     * The others go without it too, but would say so many times; after a while they are to be there in any case. Its admin port
     * is the last that it opens: who comes earlier waits for what is not made yet.
     */
    private void awaitControlPlane() throws InterruptedException {
        long patience = System.nanoTime() + SILENT.toNanos();
        while (System.nanoTime() < patience) {
            try (Socket socket = new Socket()) {
                socket.connect(controlPlaneAdmin, (int) SILENT.toMillis());
                return;
            } catch (IOException e) {
                Thread.sleep(LOOK.toMillis()); // not yet
            }
        }
    }

    private void awaitReady(SidecarStatus status) throws InterruptedException {
        long patience = System.nanoTime() + SILENT.toNanos();
        boolean told = false;
        Optional<String> missing = status.missing();
        while (missing.isPresent() || !supervisor.allRun()) {
            if (!told && System.nanoTime() > patience) {
                log.line(
                        UP,
                        "not ready for " + SILENT.toSeconds() + " s: "
                                + missing.orElse("not all of control-plane, sidecar and collector run"));
                told = true;
            }
            Thread.sleep(LOOK.toMillis());
            missing = status.missing();
        }
    }

    /** Ends all parts, and lets the next have the data. */
    @Override
    public void close() {
        log.line(
                UP,
                "ending: the sidecar, the collector once it has delivered the log, the control plane once it has stored it");
        supervisor.close();
        release();
    }

    private void release() {
        try {
            data.close();
        } catch (IOException e) {
            log.line(UP, "--data: \"" + plan.data() + "\": " + e.getMessage());
        }
    }

    private Part controlPlane() {
        return new Part(
                "control-plane",
                plan.config(),
                ours("run", "--config", plan.config().toString()));
    }

    private Part collector() {
        List<String> arguments = new ArrayList<>(List.of(
                "collect",
                "--sidecar",
                sidecar.node(),
                "--log",
                sidecar.accessLog().toString(),
                "--control-plane",
                sidecar.controlPlane().toString(),
                "--envoy-admin",
                near(sidecar.admin()).toString()));
        plan.certificates().ifPresent(folder -> arguments.addAll(List.of("--tls", folder.toString())));
        return new Part("collector", sidecar.home(), ours(arguments.toArray(String[]::new)));
    }

    private List<String> ours(String... arguments) {
        List<String> whole = new ArrayList<>(plan.java());
        whole.addAll(List.of(arguments));
        return whole;
    }

    private static InetSocketAddress address(HostPort place) throws UpRefusal {
        InetSocketAddress address = new InetSocketAddress(place.host(), place.port());
        if (address.isUnresolved()) {
            throw new UpRefusal("\"" + place + "\": no such host (expected: an address of this machine)");
        }
        return address;
    }

    /** By what a process of this machine calls a place that another one listens at. */
    private static HostPort near(HostPort place) {
        boolean any = place.host().equals("0.0.0.0") || place.host().equals("::");
        return new HostPort(near(place.host(), any), place.port());
    }

    private static String near(String host, boolean any) {
        return any ? "127.0.0.1" : host;
    }
}
