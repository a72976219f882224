package dev.weir.control.config;

import dev.weir.control.model.Access;
import dev.weir.control.model.CapacitySource;
import dev.weir.control.model.Consumers;
import dev.weir.control.model.Mesh;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Store;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/** Reads kind {@code Mesh}. */
final class MeshReader {
    private static final Pattern ADDRESS = Pattern.compile("0x[0-9a-fA-F]{40}");

    private static final double MIN_UNITS = 1e-9;

    private final Secrets secrets;

    MeshReader(Secrets secrets) {
        this.secrets = secrets;
    }

    Mesh read(String name, Fields spec) {
        AccessReader access = new AccessReader(secrets);
        Mesh.Port sidecars = port(spec.object("xds"), 18000, access::sidecars);
        Consumers consumers = AccessReader.consumers(spec);
        Mesh.Port admin = port(spec.object("admin"), 18001, access::admin);
        Store store = new StoreReader(secrets).read(spec.object("store"));
        Mesh.Control control = control(spec);
        CapacitySource capacity = capacity(spec);
        Mesh.AgentPort agents = new Mesh.AgentPort(
                spec.size("requestBodyLimit", 1 << 10, 256L << 20).orElse(8L << 20),
                spec.flag("publicSignal").orElse(true),
                spec.object("cors").map(CorsReader::read));
        Mesh.Pricing pricing = pricing(spec.object("price"));
        spec.end();
        return new Mesh(name, sidecars, admin, consumers, store, control, capacity, pricing, agents);
    }

    private static Mesh.Port port(
            Optional<Fields> fields, int usual, BiFunction<Fields, InetSocketAddress, Access> reader) {
        InetSocketAddress listen = fields.flatMap(f -> f.text("listen", HostText.LISTEN, HostText::listen))
                .orElseGet(() -> new InetSocketAddress("127.0.0.1", usual));
        Access access = fields.map(f -> reader.apply(f, listen)).orElse(Access.LOOPBACK);
        fields.ifPresent(Fields::end);
        return new Mesh.Port(listen, access);
    }

    private static Mesh.Control control(Fields spec) {
        Policy policy =
                spec.text("policy", "water-filling or wrr", MeshReader::policy).orElse(Policy.WATER_FILLING);
        Duration tick = spec.duration("tick", Duration.ofMillis(20), Duration.ofSeconds(10))
                .orElse(Duration.ofMillis(250));
        Optional<Fields> telemetry = spec.object("telemetry");
        Duration loadReports = telemetry
                .flatMap(t -> t.duration("loadReportInterval", Duration.ofMillis(50), Duration.ofSeconds(10)))
                .orElse(Duration.ofMillis(250));
        telemetry.ifPresent(Fields::end);
        return new Mesh.Control(policy, tick, loadReports);
    }

    private static Mesh.Pricing pricing(Optional<Fields> price) {
        double target = price.flatMap(p -> p.number(
                        "targetUtilisation", 0.01, 1, "a number from 0.01 to 1: the utilisation at which prices rest"))
                .orElse(0.9);
        Duration interval = price.flatMap(p -> p.duration("interval", Duration.ofMillis(100), Duration.ofMinutes(10)))
                .orElse(Duration.ofSeconds(5));
        Duration constant = price.flatMap(p -> p.duration("timeConstant", Duration.ofSeconds(1), Duration.ofHours(24)))
                .orElse(Duration.ofSeconds(40));
        price.ifPresent(p -> {
            if (constant.compareTo(interval) < 0) {
                p.refuse(
                        "timeConstant",
                        Optional.of(DurationText.write(constant)),
                        "at least price.interval, " + DurationText.write(interval)
                                + ": a price that moves faster than it is published swings");
            }
            p.end();
        });
        return new Mesh.Pricing(target, constant, interval);
    }

    private CapacitySource capacity(Fields spec) {
        Optional<Fields> capacity = spec.object("capacity");
        if (capacity.isEmpty()) {
            return new CapacitySource.File();
        }
        Fields fields = capacity.get();
        String source = fields.text(
                        "source",
                        "file or chain",
                        s -> s.equals("file") || s.equals("chain") ? Optional.of(s) : Optional.empty())
                .orElse("file");
        CapacitySource read = source.equals("chain") ? chain(fields) : new CapacitySource.File();
        fields.end();
        return read;
    }

    private CapacitySource chain(Fields fields) {
        Optional<URI> rpc = external(fields, "rpc").flatMap(text -> {
            Optional<URI> uri = rpc(text);
            if (uri.isEmpty()) {
                // the path or the query of such an address often is an access key
                fields.refuse(
                        "rpc", Optional.of("***"), "an http or https address, for instance http://127.0.0.1:8545");
            }
            return uri;
        });
        Optional<Long> chainId = fields.integer("chainId", 1, Long.MAX_VALUE);
        if (!fields.has("chainId")) {
            fields.missing("chainId", "the id of the only chain accepted, a whole number");
        }
        Optional<String> registry = external(fields, "registry").flatMap(text -> {
            if (!ADDRESS.matcher(text).matches()) {
                fields.refuse("registry", Optional.of(text), "a contract's address, 0x and 40 hex digits");
                return Optional.empty();
            }
            return Optional.of(text.toLowerCase(Locale.ROOT));
        });
        long confirmations = fields.integer("confirmations", 0, 1000).orElse(2L);
        long fromBlock = fields.integer("fromBlock", 0, Long.MAX_VALUE).orElse(0L);
        Duration poll = fields.duration("pollInterval", Duration.ofMillis(50), Duration.ofMinutes(10))
                .orElse(Duration.ofMillis(500));
        Optional<OptionalDouble> units = fields.numberOrWord(
                "unitsPerToken",
                MIN_UNITS,
                1e12,
                "none",
                "a number from 1e-9 to 1e12: work units per second that a token of stake stands for; or none");
        return new CapacitySource.Chain(
                rpc.orElse(URI.create("http://invalid")),
                chainId.orElse(0L),
                registry.orElse(""),
                (int) confirmations,
                fromBlock,
                poll,
                units.orElse(OptionalDouble.of(1)));
    }

    /** {@code name} itself or {@code nameFrom: {env|file}}; exactly one of them. */
    private Optional<String> external(Fields fields, String name) {
        String from = name + "From";
        if (fields.has(name) == fields.has(from)) {
            fields.missing(name, "exactly one of " + name + " and " + from + " with source: chain");
            return Optional.empty();
        }
        return fields.has(name) ? fields.text(name) : fields.object(from).flatMap(secrets::read);
    }

    private static Optional<URI> rpc(String text) {
        try {
            URI uri = new URI(text);
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            return http && uri.getHost() != null && uri.getPort() <= 65535 ? Optional.of(uri) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static Optional<Policy> policy(String text) {
        return switch (text) {
            case "water-filling" -> Optional.of(Policy.WATER_FILLING);
            case "wrr" -> Optional.of(Policy.WRR);
            default -> Optional.empty();
        };
    }
}
