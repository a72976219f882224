package dev.weir.control.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.loop.FileDeclarations;
import dev.weir.control.model.Access;
import dev.weir.control.model.Admission;
import dev.weir.control.model.Admission.Queue;
import dev.weir.control.model.CapacitySource;
import dev.weir.control.model.Config;
import dev.weir.control.model.Consumers;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Mesh;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Pool.Member;
import dev.weir.control.model.Provider;
import dev.weir.control.model.Provider.Credentials;
import dev.weir.control.model.Provider.Tls;
import dev.weir.control.model.ProviderProxy;
import dev.weir.control.model.Retries;
import dev.weir.control.model.Store;
import dev.weir.control.model.Work;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigLoaderTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"''", "'spec:'", "'spec: # all of it commented out'", "'spec: ~'"})
    void a_mesh_without_a_spec_has_the_defaults(String spec) {
        assertThat(valid(ConfigFiles.MESH.replace("spec: {}", spec)).mesh())
                .usingRecursiveComparison()
                .isEqualTo(valid(ConfigFiles.MESH).mesh());
    }

    @Test
    void the_example_in_the_documentation_is_valid_and_names_the_defaults() {
        LoadedConfig loaded = new ConfigLoader(
                        new DirectorySource(Path.of("../docs/examples/basic"), name -> Optional.empty()))
                .load();

        assertThat(loaded.problems()).isEmpty();
        Config config = loaded.config().orElseThrow();
        assertThat(config.providers()).containsOnlyKeys("alpha", "beta");
        assertThat(config.pools()).containsOnlyKeys("chat", "summarise");
        assertThat(config.mesh())
                .usingRecursiveComparison()
                .ignoringFields("name", "store.place.path", "store.export")
                .isEqualTo(valid(ConfigFiles.MESH).mesh());
        assertThat(config.pools().get("chat"))
                .usingRecursiveComparison()
                .ignoringFields("name", "match", "members")
                .isEqualTo(valid(ConfigFiles.MESH + ConfigFiles.provider("a") + ConfigFiles.poolOf("p", "a"))
                        .pools()
                        .get("p"));
    }

    @Test
    void a_mesh_without_fields_has_every_default() {
        assertThat(valid(ConfigFiles.MESH).mesh())
                .isEqualTo(new Mesh(
                        "m",
                        new Mesh.Port(new InetSocketAddress("127.0.0.1", 18000), Access.LOOPBACK),
                        new Mesh.Port(new InetSocketAddress("127.0.0.1", 18001), Access.LOOPBACK),
                        Consumers.UNNAMED,
                        new Store(
                                new Store.Sqlite(directory.resolve("weir.db"), 64 << 20),
                                Duration.ofDays(30),
                                Optional.of(directory.resolve("weir-export")),
                                Optional.empty()),
                        new Mesh.Control(Mesh.Policy.WATER_FILLING, Duration.ofMillis(250), Duration.ofMillis(250)),
                        new CapacitySource.File(),
                        new Mesh.Pricing(0.9, Duration.ofSeconds(40), Duration.ofSeconds(5)),
                        new Mesh.AgentPort(8 << 20, true, Optional.empty())));
    }

    @Test
    void every_field_of_a_mesh_is_read() {
        Config config =
                valid(Map.of("REGISTRY", "0x5FbDB2315678afecb367f032d93F642f64180aa3\n"), ConfigFiles.mesh("""

                  xds: {listen: "[::1]:0"}
                  admin: {listen: "localhost:9000"}
                  store: {path: data/x.db, reserve: 1MiB, keep: 2h, export: old, keepExports: 8760h}
                  policy: wrr
                  tick: 100ms
                  telemetry: {loadReportInterval: 1s}
                  requestBodyLimit: 64KiB
                  price: {targetUtilisation: 0.8, timeConstant: 1m30s, interval: 2.5s}
                  publicSignal: false
                  capacity:
                    source: chain
                    rpc: http://127.0.0.1:8545/key
                    chainId: 31337
                    registryFrom: {env: REGISTRY}
                    confirmations: 0
                    fromBlock: 17
                    pollInterval: 100ms
                    unitsPerToken: 0.5
                """));

        assertThat(config.mesh())
                .isEqualTo(new Mesh(
                        "m",
                        new Mesh.Port(new InetSocketAddress("::1", 0), Access.LOOPBACK),
                        new Mesh.Port(new InetSocketAddress("127.0.0.1", 9000), Access.LOOPBACK),
                        Consumers.UNNAMED,
                        new Store(
                                new Store.Sqlite(directory.resolve("data/x.db"), 1 << 20),
                                Duration.ofHours(2),
                                Optional.of(directory.resolve("old")),
                                Optional.of(Duration.ofHours(8_760))),
                        new Mesh.Control(Mesh.Policy.WRR, Duration.ofMillis(100), Duration.ofSeconds(1)),
                        new CapacitySource.Chain(
                                URI.create("http://127.0.0.1:8545/key"),
                                31337,
                                "0x5fbdb2315678afecb367f032d93f642f64180aa3",
                                0,
                                17,
                                Duration.ofMillis(100),
                                OptionalDouble.of(0.5)),
                        new Mesh.Pricing(0.8, Duration.ofSeconds(90), Duration.ofMillis(2500)),
                        new Mesh.AgentPort(64 << 10, false, Optional.empty())));
        assertThat(config.toString()).doesNotContain("/key");
    }

    @Test
    void every_field_of_providers_and_pools_is_read() {
        new ConfigFiles(directory).write("ca.pem", Pems.text("one")).write("key", "sk-secret\n");
        Config config = valid(
                Map.of(),
                ConfigFiles.mesh("{consumers: ['spiffe://m/consumer/*', Agent.example.com]}")
                        + ConfigFiles.provider("a", """

                          endpoint: {host: API.Example.com, port: 443, tls: {serverName: x.example.com, caFile: ca.pem}}
                          credentials: {header: X-Api-Key, prefix: "Bearer ", valueFrom: {file: key}}
                          capacity: {workUnitsPerSecond: 1.5e3, slots: 1000000}
                          sidecar: {host: Edge.example.com, port: 10001, identity: 'spiffe://m/side/Edge'}
                          bounce: {margin: 1, maxWait: 3s}
                          usage: never
                          drain: true
                          chain: {owner: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"}
                        """)
                        + ConfigFiles.provider(
                                "b",
                                "{endpoint: {host: '2001:DB8::1', port: 1}, capacity: {workUnitsPerSecond: 0.5}, sidecar: {host: s, port: 2, insecure: true}}")
                        + ConfigFiles.pool("p", """

                          match: {header: {name: X-Task, value: "sum up"}}
                          providers: [{provider: b}, {provider: a, model: gpt, standby: true}]
                          price: {min: 7}
                          work: {perPromptToken: 0.5, initialPerRequest: 100, maxPromptTokens: 9, maxCompletionTokens: 8}
                          retries: 0
                          perTryTimeout: 5s
                          perTryIdleTimeout: 10s
                          maxStreamDuration: 1h
                          sticky: {header: X-Conversation}
                        """)
                        + ConfigFiles.pool("q", "{match: {pathPrefix: /v1/embeddings}, providers: [{provider: a}]}"));

        assertThat(config.providers().get("a"))
                .isEqualTo(new Provider(
                        "a",
                        new Provider.Endpoint(
                                "api.example.com",
                                443,
                                Optional.of(new Tls("x.example.com", Optional.of(Pems.text("one"))))),
                        Optional.of(new Credentials("x-api-key", "Bearer sk-secret")),
                        Optional.of(new Provider.Capacity(1500, 1_000_000)),
                        Optional.of(new ProviderProxy(
                                "edge.example.com",
                                10001,
                                1,
                                Duration.ofSeconds(3),
                                Optional.of("spiffe://m/side/Edge"),
                                false)),
                        Provider.Usage.NEVER,
                        Optional.of(new Provider.OnChain("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266")),
                        true));
        assertThat(requireNonNull(config.providers().get("b")).endpoint().host())
                .isEqualTo("2001:db8::1");
        assertThat(requireNonNull(config.providers().get("b")).declared())
                .as("slots are not declared")
                .contains(new Provider.Capacity(0.5, 0));
        assertThat(requireNonNull(config.providers().get("b")).proxy())
                .contains(new ProviderProxy("s", 2, 0.5, Duration.ofSeconds(2), Optional.empty(), true));
        assertThat(config.mesh().consumers().names()).containsExactly("agent.example.com", "spiffe://m/consumer/*");
        assertThat(config.pools().get("p"))
                .isEqualTo(new Pool(
                        "p",
                        new Match.Header("x-task", "sum up"),
                        List.of(),
                        List.of(new Member("b", Optional.empty(), false), new Member("a", Optional.of("gpt"), true)),
                        7,
                        new Work.PerToken(0.5, 0, 100, Optional.of(9L), Optional.of(8L)),
                        Retries.of(0, new Match.Header("x-task", "sum up")),
                        new Pool.Timeouts(
                                Optional.of(Duration.ofSeconds(5)), Duration.ofSeconds(10), Duration.ofHours(1)),
                        Optional.of("x-conversation"),
                        Admission.MESH));
        assertThat(requireNonNull(config.pools().get("q")).match()).isEqualTo(new Match.PathPrefix("/v1/embeddings"));
        assertThat(config.toString()).doesNotContain("sk-secret");
    }

    @Test
    void what_is_tried_again_is_read_and_has_a_default_by_what_may_be_repeated() {
        Config config = valid(
                Map.of(),
                ConfigFiles.MESH
                        + ConfigFiles.provider("a", "{endpoint: {host: a, port: 1}, capacity: {workUnitsPerSecond: 1}}")
                        + ConfigFiles.pool(
                                "p",
                                "{match: {model: m}, providers: [{provider: a}], retryOn: [reset, 503, 401, connect-failure]}")
                        + ConfigFiles.pool("q", "{match: {model: n}, providers: [{provider: a}], retryOn: []}")
                        + ConfigFiles.pool("r", "{match: {model: o}, providers: [{provider: a}]}")
                        + ConfigFiles.pool("s", "{match: {pathPrefix: /v1/files}, providers: [{provider: a}]}"));

        assertThat(retries(config, "p"))
                .isEqualTo(new Retries(
                        1, Set.of(Retries.Condition.RESET, Retries.Condition.CONNECT_FAILURE), Set.of(401, 503)));
        assertThat(retries(config, "q")).isEqualTo(new Retries(1, Set.of(), Set.of()));
        assertThat(retries(config, "r").statuses())
                .containsExactly(301, 302, 303, 307, 308, 401, 402, 403, 404, 408, 429, 500, 502, 503, 504, 529);
        assertThat(retries(config, "s").statuses())
                .containsExactly(301, 302, 303, 307, 308, 401, 402, 403, 404, 429, 503, 529);
    }

    @Test
    void by_default_nothing_ends_a_silent_call_before_openais_clients_do() throws Exception {
        Duration clients = Duration.ofMinutes(10);
        Config config = valid(ConfigFiles.MESH + ConfigFiles.provider("a") + ConfigFiles.poolOf("p", "a"));

        Pool pool = requireNonNull(config.pools().get("p"));
        assertThat(pool.timeouts().perTryIdle()).isEqualTo(clients);
        assertThat(pool.timeouts().maxStream()).isGreaterThan(clients.multipliedBy(2));
        assertThat(pool.timeouts().perTry()).isEmpty();
    }

    private static Retries retries(Config config, String pool) {
        return requireNonNull(config.pools().get(pool)).retries();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "'admission: governed'; OPEN; ",
                "'{admission: governed, onUnavailable: closed, queue: provider}'; CLOSED; provider",
                "'{admission: governed, queue: pool}'; OPEN; 2000 PT30S",
                "'{admission: governed, queue: pool, maxStreamDuration: 10s}'; OPEN; 2000 PT5S",
                "'{admission: governed, onUnavailable: open, queue: {requests: 7}}'; OPEN; 7 PT30S",
                "'{admission: governed, queue: {requests: 100000, time: 5m}}'; OPEN; 100000 PT5M",
            })
    void admission_is_read(String written, Admission.OnUnavailable onUnavailable, @Nullable String queue)
            throws Exception {
        String fields = written.startsWith("{") ? written.substring(1, written.length() - 1) : written;
        LoadedConfig loaded = new ConfigFiles(directory)
                .write(
                        "a.yaml",
                        ConfigFiles.MESH
                                + ConfigFiles.provider("a")
                                + ConfigFiles.pool(
                                        "p", "{match: {model: p}, providers: [{provider: a}], " + fields + "}"))
                .load();
        assertThat(loaded.problems()).isEmpty();
        assertThat(requireNonNull(loaded.config().orElseThrow().pools().get("p"))
                        .admission())
                .isEqualTo(Admission.governed(onUnavailable, queue(queue)));
    }

    private static Queue queue(@Nullable String text) {
        if (text == null) {
            return new Queue.Auto();
        }
        if (text.equals("provider")) {
            return new Queue.Provider();
        }
        int space = text.indexOf(' ');
        return new Queue.Pool(Integer.parseInt(text.substring(0, space)), Duration.parse(text.substring(space + 1)));
    }

    @Test
    void both_suffixes_are_read_and_other_and_hidden_files_and_folders_below_are_not() throws Exception {
        ConfigFiles files = new ConfigFiles(directory)
                .write("a.yaml", ConfigFiles.MESH)
                .write("b.yml", "# only a comment\n---\n" + ConfigFiles.provider("a"))
                .write(".#a.yaml", "{{{")
                .write("a.yaml~", "{{{")
                .write("notes.txt", "{{{");
        java.nio.file.Files.createDirectory(directory.resolve("below"));
        files.write("below/c.yaml", "{{{");

        LoadedConfig loaded = files.load();

        assertThat(loaded.problems()).isEmpty();
        assertThat(loaded.config().orElseThrow().providers()).containsOnlyKeys("a");
    }

    @Test
    void capacity_may_be_left_out_in_part_or_whole_where_it_comes_from_files() {
        Config config = valid(
                Map.of(),
                ConfigFiles.MESH
                        + ConfigFiles.provider("a", "{endpoint: {host: h, port: 1}}")
                        + ConfigFiles.provider("b", "{endpoint: {host: h, port: 2}, capacity: {slots: 4}}")
                        + ConfigFiles.pool("p", "{match: {model: m}, providers: [{provider: a}, {provider: b}]}"));

        Declarations declarations = FileDeclarations.of(config, 7);
        assertThat(declarations.binding()).isFalse();
        assertThat(requireNonNull(declarations.byProvider().get("a")).workUnitsPerSecond())
                .isZero();
        assertThat(requireNonNull(declarations.byProvider().get("a")).slots()).isZero();
        assertThat(requireNonNull(declarations.byProvider().get("b")).workUnitsPerSecond())
                .isZero();
        assertThat(requireNonNull(declarations.byProvider().get("b")).slots()).isEqualTo(4);
    }

    @Test
    void annotations_of_other_tools_in_metadata_are_accepted() {
        valid(ConfigFiles.MESH.replace(
                "{name: m}", "{name: m, namespace: x, labels: {a: b}, annotations: {c: d, e: f}}"));
    }

    @Test
    void all_problems_of_all_objects_come_at_once_with_file_and_line() {
        LoadedConfig loaded = new ConfigFiles(directory)
                .write("a.yaml", """
                        apiVersion: weir.dev/v1alpha1
                        kind: Mesh
                        metadata: {name: m}
                        spec:
                          tick: 1ms
                          polcy: wrr
                        """)
                .write("b.yaml", """
                        apiVersion: weir.dev/v1alpha1
                        kind: Provider
                        metadata:
                          name: alpha
                        spec:
                          endpoint:
                            host: 10.0.0.1
                            port: 0
                          capacity:
                            workUnitsPerSecond: 0
                            slots: 4
                        """)
                .load();

        assertThat(loaded.problems())
                .extracting(ConfigProblem::toString)
                .containsExactly(
                        "a.yaml:5: Mesh/m: spec.tick: \"1ms\" (expected: a duration from 20ms to 10s, for instance 250ms,"
                                + " 5s or 1m)",
                        "a.yaml:6: Mesh/m: spec.polcy: \"polcy\" (expected: a known field; did you mean policy?)",
                        "b.yaml:8: Provider/alpha: spec.endpoint.port: \"0\" (expected: a whole number from 1 to 65535)",
                        "b.yaml:10: Provider/alpha: spec.capacity.workUnitsPerSecond: \"0\" (expected: a number from 1e-6 to"
                                + " 1e9: work units that it finishes in a second, which is slots / seconds per call where"
                                + " a call is one; left out: learnt)");
    }

    private Config valid(String text) {
        return valid(Map.of(), text);
    }

    private Config valid(Map<String, String> environment, String text) {
        LoadedConfig loaded =
                new ConfigFiles(directory, environment).write("all.yaml", text).load();
        assertThat(loaded.problems()).isEmpty();
        return loaded.config().orElseThrow();
    }
}
