package dev.weir.control.testing;

import dev.weir.control.model.Access;
import dev.weir.control.model.CapacitySource;
import dev.weir.control.model.Consumers;
import dev.weir.control.model.Cors;
import dev.weir.control.model.Mesh;
import dev.weir.control.model.Mesh.AgentPort;
import dev.weir.control.model.Mesh.Control;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Mesh.Port;
import dev.weir.control.model.Mesh.Pricing;
import dev.weir.control.model.Store;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Makes meshes for tests: any ports of the loopback, and the defaults, but for what is said otherwise. */
public final class MeshMaker {
    private final String name;
    private Port sidecars = port();
    private Port admin = port();
    private Consumers consumers = Consumers.UNNAMED;
    private Store store =
            new Store(new Store.Sqlite(Path.of("weir.db"), 0), Store.KEEP, Optional.empty(), Optional.empty());
    private Control control = new Control(Policy.WATER_FILLING, Duration.ofMillis(250), Duration.ofMillis(250));
    private CapacitySource capacity = new CapacitySource.File();
    private Pricing pricing = new Pricing(0.9, Duration.ofSeconds(40), Duration.ofSeconds(5));
    private AgentPort agents = new AgentPort(8 << 20, true, Optional.empty());

    private MeshMaker(String name) {
        this.name = name;
    }

    private static Port port() {
        return new Port(new InetSocketAddress("127.0.0.1", 0), Access.LOOPBACK);
    }

    public static MeshMaker mesh(String name) {
        return new MeshMaker(name);
    }

    /** The same as {@code mesh}. */
    public static MeshMaker like(Mesh mesh) {
        MeshMaker maker = new MeshMaker(mesh.name());
        maker.sidecars = mesh.sidecars();
        maker.admin = mesh.admin();
        maker.consumers = mesh.consumers();
        maker.store = mesh.store();
        maker.control = mesh.control();
        maker.capacity = mesh.capacity();
        maker.pricing = mesh.pricing();
        maker.agents = mesh.agents();
        return maker;
    }

    public MeshMaker consumers(Consumers value) {
        consumers = value;
        return this;
    }

    public MeshMaker policy(Policy policy) {
        control = new Control(policy, control.tick(), control.loadReportInterval());
        return this;
    }

    public MeshMaker requestBodyLimit(long bytes) {
        agents = new AgentPort(bytes, agents.publicSignal(), agents.cors());
        return this;
    }

    public MeshMaker cors(Cors cors) {
        agents = new AgentPort(agents.requestBodyLimit(), agents.publicSignal(), Optional.of(cors));
        return this;
    }

    public Mesh make() {
        return new Mesh(name, sidecars, admin, consumers, store, control, capacity, pricing, agents);
    }
}
