package dev.weir.control.model;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The whole configuration, validated: every reference resolves, every number is in its range.
 *
 * @param mesh the one mesh
 * @param providers by name, sorted by name
 * @param pools by name, sorted by name
 */
public record Config(Mesh mesh, Map<String, Provider> providers, Map<String, Pool> pools) {
    public Config {
        providers = java.util.Collections.unmodifiableMap(new java.util.TreeMap<>(providers));
        pools = java.util.Collections.unmodifiableMap(new java.util.TreeMap<>(pools));
    }

    /** How the split is made: {@code spec.policy}. */
    public enum Policy {
        WATER_FILLING,
        WRR
    }

    /**
     * Kind {@code Mesh}.
     *
     * @param xdsListen {@code spec.xds.listen}, default 127.0.0.1:18000; port 0 = any free one
     * @param adminListen {@code spec.admin.listen}, default 127.0.0.1:18001
     * @param adminAccess who may connect to {@code adminListen}: {@code spec.admin.tls}, {@code tokens}, whose bearers are roles
     * @param xdsAccess who may connect to {@code xdsListen}: {@code spec.xds.tls}, {@code insecure}, {@code tokens}
     * @param store {@code spec.store}
     * @param policy {@code spec.policy}
     * @param tick {@code spec.tick}, 20 ms - 10 s, default 250 ms
     * @param loadReportInterval {@code spec.telemetry.loadReportInterval}, 50 ms - 10 s, default 250 ms
     * @param capacity where declarations come from
     * @param requestBodyLimit {@code spec.requestBodyLimit}, bytes, 1 KiB - 256 MiB, default 8 MiB
     * @param targetUtilisation {@code spec.price.targetUtilisation}, (0, 1], default 0.9
     * @param priceTimeConstant {@code spec.price.timeConstant}, default 40 s
     * @param priceInterval {@code spec.price.interval}, default 5 s
     * @param publicSignal {@code spec.publicSignal}: whether {@code /.well-known/weir} is served, default true
     * @param cors {@code spec.cors}; empty = no page in a browser may call a sidecar
     * @param consumers who may be a consumer, at {@code xdsListen} and at sides: {@code spec.consumers}
     */
    public record Mesh(
            String name,
            InetSocketAddress xdsListen,
            InetSocketAddress adminListen,
            Access adminAccess,
            Access xdsAccess,
            Store store,
            Policy policy,
            Duration tick,
            Duration loadReportInterval,
            CapacitySource capacity,
            long requestBodyLimit,
            double targetUtilisation,
            Duration priceTimeConstant,
            Duration priceInterval,
            boolean publicSignal,
            Optional<Cors> cors,
            Consumers consumers) {
        /** One with its ports on loopback. */
        public Mesh(
                String name,
                InetSocketAddress xdsListen,
                InetSocketAddress adminListen,
                Store store,
                Policy policy,
                Duration tick,
                Duration loadReportInterval,
                CapacitySource capacity,
                long requestBodyLimit,
                double targetUtilisation,
                Duration priceTimeConstant,
                Duration priceInterval,
                boolean publicSignal,
                Optional<Cors> cors) {
            this(
                    name,
                    xdsListen,
                    adminListen,
                    Access.LOOPBACK,
                    Access.LOOPBACK,
                    store,
                    policy,
                    tick,
                    loadReportInterval,
                    capacity,
                    requestBodyLimit,
                    targetUtilisation,
                    priceTimeConstant,
                    priceInterval,
                    publicSignal,
                    cors,
                    Consumers.UNNAMED);
        }
    }

    /**
     * The ledger and the decisions: {@code spec.store}.
     *
     * @param path {@code path}, default {@code weir.db} beside the configuration
     * @param reserve {@code reserve}, bytes held back on its disk, 0 - 16 GiB, default 64 MiB
     * @param keep {@code keep}, how long records stay in it, 1 h - 10 years, default 30 days
     * @param export {@code export}, the folder that older rows go to before they are deleted, default {@code weir-export}
     *     beside the configuration; empty = {@code none}, they are deleted
     * @param keepExports {@code keepExports}, how long files stay there, 1 h - 100 years; empty = for ever, the default
     */
    public record Store(Path path, long reserve, Duration keep, Optional<Path> export, Optional<Duration> keepExports) {
        public static final long RESERVE = 64L << 20;
        public static final Duration KEEP = Duration.ofDays(30);
        /** Decisions that stay. */
        public static final int DECISIONS = 10_000;
    }

    /** Where declared capacities come from: {@code spec.capacity}. */
    public sealed interface CapacitySource {
        /** {@code source: file}: from {@code Provider.spec.capacity}. */
        record File() implements CapacitySource {}

        /**
         * {@code source: chain}.
         *
         * @param rpc JSON-RPC endpoint; {@code rpc}, or {@code rpcFrom: {env: NAME}} or {@code {file: PATH}}
         * @param chainId the only chain id accepted
         * @param registry address of the {@code CapacityRegistry}, 0x and 40 hex digits, lower case; {@code registry} or
         *     {@code registryFrom}
         * @param confirmations blocks on top before a declaration counts, 0 - 1000, default 2
         * @param fromBlock first block to read, default 0
         * @param pollInterval default 500 ms
         * @param unitsPerToken work units per second that one whole token of stake stands for, default 1: nobody is trusted
         *     with more than its stake stands for; empty = {@code none}, declarations are not capped
         */
        record Chain(
                URI rpc,
                long chainId,
                String registry,
                int confirmations,
                long fromBlock,
                Duration pollInterval,
                OptionalDouble unitsPerToken)
                implements CapacitySource {
            /** Without the path and query of {@code rpc}, which often are an access key. */
            @Override
            public String toString() {
                return "chain " + chainId + " at " + rpc.getScheme() + "://" + rpc.getHost()
                        + (rpc.getPort() < 0 ? "" : ":" + rpc.getPort()) + ", registry " + registry + ", confirmations "
                        + confirmations + ", from block " + fromBlock + ", every " + pollInterval + ", units per token "
                        + (unitsPerToken.isPresent() ? Double.toString(unitsPerToken.getAsDouble()) : "none");
            }
        }
    }

    /**
     * Kind {@code Provider}.
     *
     * @param host {@code spec.endpoint.host}, DNS name or IP address, lower case, IPv6 without brackets
     * @param port {@code spec.endpoint.port}, 1-65535
     * @param tls {@code spec.endpoint.tls}, TLS towards it, {@code {}} = with defaults; empty = plain text
     * @param credentials {@code spec.credentials}, header injected upstream; empty = none
     * @param declared {@code spec.capacity}; only with {@code source: file}
     * @param proxy {@code spec.sidecar}, the sidecar before it; empty = consumers call the endpoint directly
     * @param usage {@code spec.usage}, whether it is asked for the usage of streams, default asked
     * @param chain {@code spec.chain}, who it is on the chain; required with {@code source: chain}, without effect else
     */
    public record Provider(
            String name,
            String host,
            int port,
            Optional<Tls> tls,
            Optional<Credentials> credentials,
            Optional<Capacity> declared,
            Optional<ProviderProxy> proxy,
            Usage usage,
            Optional<OnChain> chain) {
        /** One without a sidecar, and on no chain. */
        public Provider(
                String name,
                String host,
                int port,
                Optional<Tls> tls,
                Optional<Credentials> credentials,
                Optional<Capacity> declared) {
            this(name, host, port, tls, credentials, declared, Optional.empty(), Usage.ASKED, Optional.empty());
        }
    }

    /**
     * A provider's side of a chain.
     *
     * @param owner {@code chain.owner}, the only account that may speak for it: what is registered or declared under its name
     *     by another is nobody's; 0x and 40 hex digits, lower case, not zero
     */
    public record OnChain(String owner) {}

    /** Whether the mesh adds {@code stream_options.include_usage} to streams of agents that do not. */
    public enum Usage {
        /** Yes; once more without where the provider refuses it. */
        ASKED,
        /** No. */
        NEVER
    }

    /**
     * The sidecar before a provider, or the egress gateway to it. Consumers call it without the provider's credentials, on
     * loopback in plain text and elsewhere with certificates at both ends; it calls the endpoint, and refuses what would wait
     * too long.
     *
     * @param host {@code sidecar.host}, as {@code endpoint.host}
     * @param port {@code sidecar.port}, 1-65535
     * @param margin {@code spec.bounce.margin}, 0-10, default 0.5: a first attempt is refused when more than this times the
     *     square root of its slots wait beyond what the pool's other providers have waiting
     * @param maxWait {@code spec.bounce.maxWait}, 10 ms - 10 min, default 2 s: no attempt is taken that would wait longer
     * @param identity {@code sidecar.identity}, the SPIFFE id or DNS name in its certificate: who alone may ask the control
     *     plane as this provider's side, and whom consumers take for it; empty = anybody, where sidecars prove nothing
     * @param insecure {@code sidecar.insecure: true}: plain text wherever it listens
     */
    public record ProviderProxy(
            String host, int port, double margin, Duration maxWait, Optional<String> identity, boolean insecure) {
        /** One without an identity. */
        public ProviderProxy(String host, int port, double margin, Duration maxWait) {
            this(host, port, margin, maxWait, Optional.empty(), false);
        }

        /** Whom consumers' connections must prove to lead to; empty = plain text. */
        public Optional<String> proven() {
            return insecure || Loopback.is(host) ? Optional.empty() : identity;
        }
    }

    /**
     * @param serverName {@code serverName}, SNI and name checked in the certificate, default the host
     * @param authorities PEM text of trusted authorities, what the file of {@code caFile} holds; empty = those that the
     *     sidecar's system trusts
     */
    public record Tls(String serverName, Optional<String> authorities) {
        @Override
        public String toString() {
            return "Tls[serverName=" + serverName + ", authorities="
                    + authorities.map(pem -> pem.length() + " characters").orElse("the system's") + "]";
        }
    }

    /**
     * @param header {@code header}, lower case, default {@code authorization}
     * @param value whole value as sent, for instance {@code Bearer sk-...}: {@code value}, or {@code valueFrom: {env: NAME}}
     *     or {@code {file: PATH}}, behind an optional {@code prefix}; never logged, never in a toString
     */
    public record Credentials(String header, String value) {
        @Override
        public String toString() {
            return "Credentials[header=" + header + ", value=***]";
        }
    }

    /**
     * @param workUnitsPerSecond {@code > 0}, at most 1e9; 0 = left out, to be learnt
     * @param slots requests served at once, 1 - 1 000 000; 0 = not declared
     */
    public record Capacity(double workUnitsPerSecond, int slots) {}

    /**
     * Kind {@code ProviderPool}.
     *
     * @param match {@code spec.match}, which requests are this pool's
     * @param members {@code spec.providers}, a list of {@code {provider, model, standby}}, in the order written; at least one
     * @param minPrice {@code spec.price.min}, atomic units per 1 000 work units, {@code >= 1}, default 100
     * @param work {@code spec.work}, how work is counted
     * @param retries {@code spec.retries} and {@code spec.retryOn}
     * @param perTryTimeout {@code spec.perTryTimeout}; adds reset to the retry conditions
     * @param perTryIdleTimeout {@code spec.perTryIdleTimeout}, default 10 min
     * @param maxStreamDuration {@code spec.maxStreamDuration}, default 30 min
     * @param stickyHeader {@code spec.sticky.header}: conversations stay with their provider
     * @param admission {@code spec.admission}, {@code spec.onUnavailable} and {@code spec.queue}; a sticky pool has no check
     * @param operations {@code spec.operations}, the only ones that it serves; empty = those of the APIs that are known
     */
    public record Pool(
            String name,
            Match match,
            List<Member> members,
            long minPrice,
            Work work,
            Retries retries,
            Optional<Duration> perTryTimeout,
            Duration perTryIdleTimeout,
            Duration maxStreamDuration,
            Optional<String> stickyHeader,
            Admission admission,
            List<Operation> operations) {
        public Pool {
            members = List.copyOf(members);
            operations = List.copyOf(operations);
        }

        /** One that serves the operations that are known. */
        public Pool(
                String name,
                Match match,
                List<Member> members,
                long minPrice,
                Work work,
                Retries retries,
                Optional<Duration> perTryTimeout,
                Duration perTryIdleTimeout,
                Duration maxStreamDuration,
                Optional<String> stickyHeader,
                Admission admission) {
            this(
                    name,
                    match,
                    members,
                    minPrice,
                    work,
                    retries,
                    perTryTimeout,
                    perTryIdleTimeout,
                    maxStreamDuration,
                    stickyHeader,
                    admission,
                    List.of());
        }

        /** The same pool, admitted another way. */
        public Pool with(Admission other) {
            return new Pool(
                    name,
                    match,
                    members,
                    minPrice,
                    work,
                    retries,
                    perTryTimeout,
                    perTryIdleTimeout,
                    maxStreamDuration,
                    stickyHeader,
                    other,
                    operations);
        }
    }

    /**
     * What a provider can be asked to do.
     *
     * @param method such as {@code POST}
     * @param path begins with a slash; {@code *} is one segment, {@code **} at the end any number of them
     */
    public record Operation(String method, String path) {
        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    /** {@code spec.match}: exactly one of model, path prefix, header. */
    public sealed interface Match {
        /** The request body's {@code model}. Listed by {@code GET /v1/models}. */
        record Model(String model) implements Match {}

        /** A path prefix, starting with a slash. */
        record PathPrefix(String prefix) implements Match {}

        /** A header with an exact value. */
        record Header(String name, String value) implements Match {}
    }

    /**
     * @param provider a provider's name
     * @param model the model's name there; empty = as the agent wrote it
     * @param standby {@code standby: true}: only a retry target
     */
    public record Member(String provider, Optional<String> model, boolean standby) {}

    /** {@code spec.work}: what a request counts as. */
    public sealed interface Work {
        /** Every request is one work unit: no {@code spec.work}. */
        record PerRequest() implements Work {}

        /**
         * Work units = prompt tokens x {@code perPromptToken} + completion tokens x {@code perCompletionToken}.
         *
         * @param initialPerRequest mean work of a request that is assumed before any usage was seen
         * @param maxPromptTokens the most that a provider may claim of a request; empty = by the request's bytes
         * @param maxCompletionTokens the most that it may claim of an answer; empty = by the answer's bytes
         */
        record PerToken(
                double perPromptToken,
                double perCompletionToken,
                double initialPerRequest,
                Optional<Long> maxPromptTokens,
                Optional<Long> maxCompletionTokens)
                implements Work {
            /** One whose claims are bounded by bytes. */
            public PerToken(double perPromptToken, double perCompletionToken, double initialPerRequest) {
                this(perPromptToken, perCompletionToken, initialPerRequest, Optional.empty(), Optional.empty());
            }
        }
    }
}
