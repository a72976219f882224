package dev.weir.control.config;

import static dev.weir.control.config.ConfigFiles.MESH;
import static dev.weir.control.config.ConfigFiles.mesh;
import static dev.weir.control.config.ConfigFiles.pool;
import static dev.weir.control.config.ConfigFiles.poolOf;
import static dev.weir.control.config.ConfigFiles.provider;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is refused, and in which words. */
final class HostileConfigTest {
    private static final String SECRET = "sk-Zq9-do-not-show";

    @TempDir
    Path directory;

    static Stream<Arguments> refused() {
        return Stream.of(
                // YAML itself
                text("{{{", "all.yaml:1: ", "(expected: YAML, nested at most 20 deep"),
                text("a: [1, 2", "expected ',' or ']'"),
                text("a: b: c", "mapping values are not allowed here"),
                text("\tkind: Mesh", "cannot start any token"),
                text("a: *nowhere", "\"found undefined alias\""),
                text("kind: \u0007", "special characters are not allowed"),
                text("[".repeat(100_000), "Nesting Depth exceeded max 20"),
                text(billionLaughs(), "aliases"),
                text("a: b\n".repeat(100_000), "more than 50000 values"),
                text("---\n{}\n".repeat(20_000), "more than 50000 values"),
                text("- just\n- a list", "an object with apiVersion, kind, metadata and spec"),
                text("just words", "an object with apiVersion, kind, metadata and spec"),
                // the object
                text("kind: Mesh\nmetadata: {name: m}\nspec: {}", "apiVersion: missing (expected: weir.dev/v1alpha1)"),
                text(MESH.replace("v1alpha1", "v1"), "apiVersion: \"weir.dev/v1\" (expected: weir.dev/v1alpha1)"),
                text(MESH.replace("Mesh", "Meshh"), "kind: \"Meshh\"", "did you mean Mesh?"),
                text(
                        MESH.replace("Mesh", "ConfigMap"),
                        "kind: \"ConfigMap\" (expected: one of Mesh, Provider, ProviderPool)"),
                text(MESH.replace("Mesh", "Tenant"), "Tenant is not supported by this version"),
                text(MESH.replace("Mesh", "BudgetPolicy"), "BudgetPolicy is not supported by this version"),
                text(MESH.replace("Mesh", "BreakerPolicy"), "BreakerPolicy is not supported by this version"),
                text(MESH.replace("{name: m}", "{}"), "metadata.name: missing (expected: a DNS label)"),
                text(MESH.replace("{name: m}", "m"), "metadata: \"m\" (expected: an object)"),
                text(MESH.replace("spec: {}", "spec: []"), "spec: \"[]\" (expected: an object)"),
                text(provider("a").replaceAll("(?s)spec:.*", ""), "Provider/a: spec: missing (expected: an object)"),
                text(provider("a").replaceAll("(?s)spec:.*", "spec:"), "Provider/a: spec: \"\" (expected: an object)"),
                text(MESH.replace("spec: {}", "spec: ''"), "Mesh/m: spec: \"\" (expected: an object)"),
                text(MESH + "status: {}", "status: \"status\" (expected: one of apiVersion, kind, metadata, spec)"),
                text(MESH + "spec: {}", "all.yaml:5: spec: \"spec\" (expected: each field once)"),
                text(MESH + "---\n" + MESH, "metadata.name: \"m\"", "it is used in all.yaml:1 too"),
                text(
                        MESH + "---\n" + MESH.replace("name: m", "name: n"),
                        "Mesh/n: \"Mesh/n\" (expected: one Mesh in all files)"),
                text(provider("a"), "Mesh: missing (expected: one object of kind Mesh)"),
                text(MESH + "? [a, b]\n: c", "\"[...]\" (expected: field names as keys)"),
                text(MESH + "spec2: &a {x: *a}", "spec2"),
                // names
                name("'Alpha'"),
                name("'a|b'"),
                name("'-a'"),
                name("'a-'"),
                name("'a.b'"),
                name("'a b'"),
                name("''"),
                name("'" + "a".repeat(64) + "'"),
                name("'a\\nb'"),
                name("'<b>x'"),
                name("ä"),
                name("12"),
                // the mesh
                inMesh("{xds: {listen: ':18000'}}", "spec.xds.listen: \":18000\""),
                inMesh("{xds: {listen: '127.0.0.1:65536'}}", "spec.xds.listen"),
                inMesh("{xds: {listen: 'example.com:80'}}", "spec.xds.listen"),
                inMesh("{xds: {listen: '::1:80'}}", "spec.xds.listen"),
                inMesh("{xds: {listen: '[::g]:80'}}", "spec.xds.listen"),
                inMesh("{xds: {listen: '1.2.3:80'}}", "spec.xds.listen"),
                inMesh("{xds: {listen: 18000}}", "spec.xds.listen: \"18000\""),
                inMesh("{xds: {port: 1}}", "spec.xds.port: \"port\" (expected: one of listen, insecure, tokens, tls)"),
                inMesh("{policy: random}", "spec.policy: \"random\" (expected: water-filling or wrr)"),
                inMesh("{tick: 19ms}", "spec.tick: \"19ms\""),
                inMesh("{tick: 11s}", "spec.tick"),
                inMesh("{tick: 250}", "spec.tick: \"250\""),
                inMesh("{tick: -1s}", "spec.tick"),
                inMesh("{tick: 1e9s}", "spec.tick"),
                inMesh("{tick: 999999999h999999999h999999999h999999999h}", "spec.tick"),
                inMesh("{tick: !!java.util.Date 2020}", "Global tag is not allowed"),
                inMesh("{tick: !local 1s}", "spec.tick"),
                inMesh("{tick: }", "spec.tick: \"\""),
                inMesh("{requestBodyLimit: 0}", "spec.requestBodyLimit: \"0\""),
                inMesh("{requestBodyLimit: 8MB}", "spec.requestBodyLimit: \"8MB\""),
                inMesh("{requestBodyLimit: -5}", "spec.requestBodyLimit"),
                inMesh("{requestBodyLimit: 999999999999999GiB}", "spec.requestBodyLimit"),
                inMesh("{requestBodyLimit: 1GiB}", "spec.requestBodyLimit", "from 1KiB to 256MiB"),
                inMesh("{store: {reserve: 17GiB}}", "spec.store.reserve", "from 0MiB to 16384MiB"),
                inMesh("{store: {keep: 59m}}", "spec.store.keep", "from 1h to 87600h"),
                inMesh("{store: {keep: none}}", "spec.store.keep"),
                inMesh("{store: {export: ''}}", "spec.store.export", "a folder, or none"),
                inMesh("{store: {keepExports: 0s}}", "spec.store.keepExports"),
                inMesh("{publicSignal: yes}", "spec.publicSignal: \"yes\" (expected: true or false)"),
                inMesh("{publicSignal: 'true'}", "spec.publicSignal"),
                inMesh("{price: {targetUtilisation: 0}}", "spec.price.targetUtilisation: \"0\""),
                inMesh("{price: {targetUtilisation: 1.01}}", "spec.price.targetUtilisation"),
                inMesh("{price: {targetUtilisation: .nan}}", "spec.price.targetUtilisation: \".nan\""),
                inMesh("{price: {targetUtilisation: .inf}}", "spec.price.targetUtilisation"),
                inMesh("{price: {targetUtilisation: NaN}}", "spec.price.targetUtilisation"),
                inMesh("{price: {timeConstant: 2s}}", "spec.price.timeConstant: \"2s\"", "at least price.interval, 5s"),
                inMesh("{capacity: {source: oracle}}", "spec.capacity.source: \"oracle\" (expected: file or chain)"),
                inMesh("{capacity: {source: file, chainId: 1}}", "spec.capacity.chainId: \"chainId\""),
                inChain("chainId: 1", "chainId: 0", "spec.capacity.chainId: \"0\""),
                inChain("chainId: 1", "chainId: 99999999999999999999", "spec.capacity.chainId"),
                inChain("chainId: 1", "chainId: 0x1", "spec.capacity.chainId"),
                inChain("chainId: 1, ", "", "spec.capacity.chainId: missing"),
                inChain("rpc: 'http://h'", "rpc: 'ws://h'", "spec.capacity.rpc", "an http or https address"),
                inChain("rpc: 'http://h'", "rpc: 'http:///x'", "spec.capacity.rpc"),
                inChain("rpc: 'http://h', ", "", "exactly one of rpc and rpcFrom"),
                inChain("rpc: 'http://h'", "rpc: 'http://h', rpcFrom: {env: X}", "exactly one of rpc and rpcFrom"),
                inChain("registry: '0x" + "0".repeat(40) + "'", "registry: '0x1'", "spec.capacity.registry: \"0x1\""),
                inChain(
                        "registry: '0x" + "0".repeat(40) + "'",
                        "registry: 0x" + "0".repeat(40),
                        "spec.capacity.registry"),
                inChain("chainId: 1", "chainId: 1, confirmations: 1001", "spec.capacity.confirmations"),
                inChain("chainId: 1", "chainId: 1, unitsPerToken: 0", "spec.capacity.unitsPerToken: \"0\"", "or none"),
                inChain("chainId: 1", "chainId: 1, unitsPerToken: -1", "spec.capacity.unitsPerToken"),
                inChain("chainId: 1", "chainId: 1, unitsPerToken: .inf", "spec.capacity.unitsPerToken"),
                inChain("chainId: 1", "chainId: 1, unitsPerToken: all", "spec.capacity.unitsPerToken: \"all\""),
                inMesh("{capacity: {source: file, unitsPerToken: 1}}", "spec.capacity.unitsPerToken"),
                // who may speak for a name
                owner("{}", "spec.chain.owner: missing", "an account's address"),
                owner("{owner: '0x" + "0".repeat(40) + "'}", "spec.chain.owner: \"0x000", "not all zero"),
                owner("{owner: 0x" + "12".repeat(20) + "}", "spec.chain.owner", "in quotes"),
                owner("{owner: '0x" + "12".repeat(19) + "'}", "spec.chain.owner", "40 hex digits"),
                owner("{owner: '" + "12".repeat(20) + "'}", "spec.chain.owner"),
                owner("{owner: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92265'}", "spec.chain.owner", "checksum"),
                owner("{owner: '0xf39fd6e51aad88f6f4ce6aB8827279cffFb92266'}", "spec.chain.owner", "checksum"),
                owner("{owner: '0x" + "12".repeat(20) + "', signer: x}", "spec.chain.signer"),
                owner("0x12", "spec.chain: "),
                text(
                        CHAIN + provider("a", "{endpoint: {host: h, port: 1}}"),
                        "spec.chain.owner: missing (expected: the account that may speak for it",
                        "source is chain"),
                // providers
                inProvider(
                        "host: h",
                        "host: http://x/v1",
                        "spec.endpoint.host: \"http://x/v1\"",
                        "a host alone; an address with a path is endpoint.url"),
                inProvider("host: h", "host: x/v1", "spec.endpoint.host: \"x/v1\"", "a path is endpoint.url"),
                inProvider("host: h", "host: https://x", "without a scheme; TLS is endpoint.tls"),
                sidecar("{port: 1}", "spec.sidecar.host: missing"),
                sidecar("{host: s}", "spec.sidecar.port: missing"),
                sidecar("s:80", "spec.sidecar"),
                sidecar("{host: 's:80', port: 1}", "the port is sidecar.port"),
                sidecar("{host: 'http://s', port: 1}", "spec.sidecar.host: \"http://s\"", "without a scheme"),
                sidecar("{host: s, port: 70000}", "spec.sidecar.port: \"70000\""),
                sidecar("{host: s, port: 1, tls: {}}", "spec.sidecar.tls"),
                sidecar("{host: h, port: 1}", "another address than endpoint"),
                sidecar("{host: s, port: 1}, bounce: {margin: -1}", "spec.bounce.margin: \"-1\""),
                sidecar("{host: s, port: 1}, bounce: {margin: .nan}", "spec.bounce.margin"),
                sidecar("{host: s, port: 1}, bounce: {maxWait: 0s}", "spec.bounce.maxWait: \"0s\""),
                sidecar("{host: s, port: 1}, bounce: {maxWait: 2}", "spec.bounce.maxWait"),
                sidecar("{host: s, port: 1}, bounce: {c: 1}", "spec.bounce.c"),
                inProvider("port: 1}", "port: 1}, bounce: {margin: 1}", "only with sidecar"),
                inProvider("port: 1}", "port: 1}, drain: 1", "spec.drain: \"1\" (expected: true or false)"),
                inProvider("port: 1}", "port: 1}, drained: true", "spec.drained: \"drained\"", "did you mean drain?"),
                inProvider("host: h", "host: 'x:80'", "the port is endpoint.port"),
                inProvider("host: h", "host: https://user:" + SECRET + "@x/v1", "https://***@x/v1"),
                inProvider("host: h", "host: 'a b'", "spec.endpoint.host"),
                inProvider("host: h", "host: ''", "spec.endpoint.host"),
                inProvider("host: h", "host: 256.1.1.1", "spec.endpoint.host"),
                inProvider("host: h", "host: '1.2.3'", "spec.endpoint.host"),
                inProvider("host: h", "host: 'fe80::1%eth0'", "spec.endpoint.host"),
                inProvider("host: h", "host: 'x..y'", "spec.endpoint.host"),
                inProvider("host: h, ", "", "spec.endpoint.host: missing"),
                inProvider("port: 1", "port: 65536", "spec.endpoint.port: \"65536\""),
                inProvider("port: 1", "port: -1", "spec.endpoint.port"),
                inProvider("port: 1", "port: '80'", "spec.endpoint.port"),
                inProvider("port: 1", "port: 080", "spec.endpoint.port"),
                inProvider("port: 1", "port: 1:30", "spec.endpoint.port"),
                inProvider("port: 1", "port: 1_000", "spec.endpoint.port"),
                inProvider("port: 1", "port: 1, tls:", "spec.endpoint.tls: \"\" (expected: an object)"),
                inProvider("port: 1", "port: 1, tls: {serverName: 'a b'}", "spec.endpoint.tls.serverName: \"a b\""),
                inProvider("port: 1", "port: 1, tls: {caFile: none.pem}", "spec.endpoint.tls.caFile: \"none.pem\""),
                inProvider("port: 1", "port: 1, tls: {caFile: all.yaml}", "a PEM file with certificates"),
                inProvider("port: 1", "port: 1, tls: {caFile: 'a\\0b'}", "spec.endpoint.tls.caFile"),
                inProvider("workUnitsPerSecond: 2", "workUnitsPerSecond: 0", "spec.capacity.workUnitsPerSecond: \"0\""),
                inProvider("workUnitsPerSecond: 2", "workUnitsPerSecond: -1", "spec.capacity.workUnitsPerSecond"),
                inProvider("workUnitsPerSecond: 2", "workUnitsPerSecond: 1e10", "spec.capacity.workUnitsPerSecond"),
                inProvider("workUnitsPerSecond: 2", "workUnitsPerSecond: 1e999", "spec.capacity.workUnitsPerSecond"),
                inProvider("workUnitsPerSecond: 2", "workUnitsPerSecond: .NaN", "spec.capacity.workUnitsPerSecond"),
                inProvider("workUnitsPerSecond: 2", "workUnitsPerSecond: -.inf", "spec.capacity.workUnitsPerSecond"),
                inProvider(
                        "workUnitsPerSecond: 2",
                        "workUnitsPerSecond: [1]",
                        "spec.capacity.workUnitsPerSecond: \"[...]\""),
                inProvider("workUnitsPerSecond: 2", "workUnitsPerSecond: 1e-7", "spec.capacity.workUnitsPerSecond"),
                inProvider("slots: 3", "slots: 0", "spec.capacity.slots: \"0\""),
                inProvider("slots: 3", "slots: 1.5", "spec.capacity.slots: \"1.5\""),
                inProvider("slots: 3", "slots: 1000001", "spec.capacity.slots"),
                inProvider("capacity: {workUnitsPerSecond: 2, slots: 3}", "capacity: 2", "spec.capacity"),
                text(
                        mesh("{capacity: {source: chain, chainId: 1, rpc: 'http://h', registry: '0x" + "0".repeat(40)
                                        + "'}}")
                                + provider("a"),
                        "spec.capacity: \"{...}\" (expected: nothing",
                        "capacities are declared there"),
                // pools
                text(MESH + pool("p", "{match: {model: m}}"), "spec.providers: missing"),
                text(MESH + pool("p", "{match: {model: m}, providers: []}"), "spec.providers: \"[]\""),
                text(MESH + pool("p", "{match: {model: m}, providers: a}"), "spec.providers: \"a\""),
                text(
                        MESH + pool("p", "{match: {model: m}, providers: [a]}"),
                        "spec.providers[0]: \"a\" (expected: an object)"),
                text(
                        MESH + provider("alpha") + poolOf("p", "alpah"),
                        "spec.providers[0].provider: \"alpah\"",
                        "did you mean alpha?"),
                text(
                        MESH + provider("a") + poolOf("p", "a", "a"),
                        "spec.providers[1].provider: \"a\" (expected: each provider once"),
                text(
                        MESH
                                + provider("a")
                                + pool("p", "{match: {model: m}, providers: [{provider: a, standby: true}]}"),
                        "at least one provider that is not standby"),
                text(
                        MESH
                                + provider("a")
                                + pool("p", "{match: {model: m}, providers: [{provider: a}]}")
                                + pool("q", "{match: {model: m}, providers: [{provider: a}]}"),
                        "ProviderPool/q: spec.match: \"model: m\" (expected: a match of its own; ProviderPool/p in all.yaml has the same)"),
                inPool("{}", "exactly one of model, models, pathPrefix and header"),
                inPool("{model: m, pathPrefix: /x}", "exactly one of model, models, pathPrefix and header"),
                inPool("{model: ''}", "spec.match.model"),
                inPool("{model: 4}", "spec.match.model: \"4\""),
                inPool("{model: ' m'}", "spec.match.model"),
                inPool("{model: \"a\\nb\"}", "spec.match.model: \"a\\u000ab\""),
                inPool("{model: '" + "m".repeat(257) + "'}", "spec.match.model"),
                inPool("{pathPrefix: v1}", "spec.match.pathPrefix: \"v1\""),
                inPool("{pathPrefix: '/v1?x'}", "spec.match.pathPrefix"),
                inPool("{pathPrefix: '/a//b'}", "spec.match.pathPrefix"),
                inPool("{header: {name: x-a}}", "spec.match.header.value: missing"),
                inPool("{header: {name: 'x a', value: b}}", "spec.match.header.name"),
                inPool("{header: {name: ':path', value: b}}", "spec.match.header.name"),
                inPool("{header: {name: Weir-Pick, value: b}}", "spec.match.header.name: \"Weir-Pick\""),
                inPool("{header: {name: x-envoy-x, value: b}}", "spec.match.header.name"),
                inPool("{header: {name: x-a, value: \"b\\r\\nc: d\"}}", "spec.match.header.value"),
                withPool("price: {min: 0}", "spec.price.min: \"0\""),
                withPool("price: {min: 0.5}", "spec.price.min: \"0.5\""),
                withPool("retries: 6", "spec.retries: \"6\""),
                withPool("retries: -1", "spec.retries"),
                inProvider("{endpoint", "{usage: sometimes, endpoint", "spec.usage: \"sometimes\""),
                withPool("retryOn: 503", "spec.retryOn: \"503\""),
                withPool("retryOn: [connect-failures]", "spec.retryOn[0]: \"connect-failures\""),
                withPool("retryOn: [503, 200]", "spec.retryOn[1]: \"200\""),
                withPool("retryOn: [503, 503]", "spec.retryOn[1]: \"503\""),
                withPool("retryOn: [600]", "spec.retryOn[0]"),
                withPool("retryOn: [{a: 1}]", "spec.retryOn[0]"),
                withPool("retryOn: [null]", "spec.retryOn[0]"),
                withPool("perTryTimeout: 0s", "spec.perTryTimeout: \"0s\""),
                withPool(
                        "perTryTimeout: 31m", "spec.perTryTimeout: \"31m\" (expected: at most maxStreamDuration, 30m)"),
                withPool("admission: yes", "spec.admission"),
                withPool("admission: Governed", "spec.admission: \"Governed\" (expected: mesh or governed)"),
                withPool("onUnavailable: open", "spec.onUnavailable: missing (expected: nothing, unless"),
                withPool("admission: mesh, queue: pool", "spec.queue"),
                withPool("admission: governed, onUnavailable: shut", "spec.onUnavailable: \"shut\""),
                withPool(
                        "admission: governed, sticky: {header: x}",
                        "spec.admission: \"governed\" (expected: mesh in a sticky pool"),
                withPool("admission: governed, queue: lifo", "spec.queue: \"lifo\""),
                withPool("admission: governed, queue: [pool]", "spec.queue"),
                withPool("admission: governed, queue: {requests: 0}", "spec.queue.requests: \"0\""),
                withPool("admission: governed, queue: {requests: 100001}", "spec.queue.requests: \"100001\""),
                withPool("admission: governed, queue: {time: 1ms}", "spec.queue.time: \"1ms\""),
                withPool("admission: governed, queue: {time: 6m}", "spec.queue.time: \"6m\""),
                withPool(
                        "admission: governed, maxStreamDuration: 9s, queue: {time: 9s}",
                        "spec.queue.time: \"9s\" (expected: less than maxStreamDuration, 9s)"),
                withPool("admission: governed, queue: {order: fifo}", "spec.queue.order: \"order\""),
                withPool("sticky: {}", "spec.sticky.header: missing"),
                withPool("work: {}", "spec.work: \"{...}\" (expected: perPromptToken or perCompletionToken above 0)"),
                withPool(
                        "work: {perPromptToken: 0, initialPerRequest: 1}",
                        "perPromptToken or perCompletionToken above 0"),
                withPool("work: {perPromptToken: 1}", "spec.work.initialPerRequest: missing"),
                withPool(
                        "work: {perPromptToken: 1, initialPerRequest: 1, maxPromptTokens: 0}",
                        "spec.work.maxPromptTokens: \"0\""),
                withPool("work: {perPromptToken: 1, initialPerRequest: 0}", "spec.work.initialPerRequest: \"0\""),
                withPool(
                        "providrs: []",
                        "spec.providrs: \"providrs\" (expected: a known field; did you mean providers?)"),
                // credentials
                inCredentials("{}", "spec.credentials.value: missing (expected: exactly one of value and valueFrom)"),
                inCredentials("{value: x, valueFrom: {env: X}}", "exactly one of value and valueFrom"),
                inCredentials("{header: Host, value: x}", "spec.credentials.header"),
                inCredentials("{value: ''}", "a header value"),
                inCredentials("{valueFrom: {env: UNSET}}", "environment variable UNSET to be set"),
                inCredentials("{valueFrom: {file: none}}", "a readable text file of at most 64KiB at "),
                inCredentials("{valueFrom: {}}", "exactly one of env and file"),
                inCredentials("{valueFrom: {env: A, file: b}}", "exactly one of env and file"),
                // credentials in the wrong place must not be shown
                inCredentials(SECRET, "spec.credentials: \"***\" (expected: an object)"),
                inCredentials("[" + SECRET + "]", "spec.credentials"),
                inCredentials("{" + SECRET + ": }", "spec.credentials.***"),
                inCredentials("{vlaue: " + SECRET + "}", "spec.credentials.vlaue", "did you mean value?"),
                inCredentials("{value: [" + SECRET + "]}", "spec.credentials.value"),
                inCredentials("{value: \"" + SECRET + "\\n\\nx: y\"}", "spec.credentials.value: \"***\""),
                inCredentials("{header: " + SECRET + "\u00e4, value: x}", "spec.credentials.header: \"***\""),
                inCredentials("{valueFrom: " + SECRET + "}", "spec.credentials.valueFrom: \"***\""),
                inCredentials("{valueFrom: {env: " + SECRET + "}}", "spec.credentials.valueFrom.env: \"***\""),
                inCredentials("{value: *" + SECRET + "}", "found undefined alias"),
                inCredentials("{value: !" + SECRET + "!x y}", "found undefined tag handle"),
                inCredentials("{value: !!" + SECRET + " x}", "Global tag is not allowed"),
                inCredentials("{value: " + SECRET + ", value: " + SECRET + "}", "each field once"),
                inCredentials("{value: \"" + SECRET, "expected"),
                text(
                        mesh("{capacity: {source: chain, chainId: 1, rpc: 'ftp://h/" + SECRET + "', registry: '0x0'}}"),
                        "spec.capacity.rpc: \"***\""));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void is_refused_in_clear_words(String text, String[] said) {
        LoadedConfig loaded = new ConfigFiles(directory, Map.of("X", "x"))
                .write("all.yaml", text)
                .load();

        String problems = loaded.problems().toString();
        assertThat(loaded.problems()).isNotEmpty();
        assertThat(problems).contains(said).doesNotContain(SECRET).doesNotContain("\n", "\u0007");
    }

    @Test
    void a_file_above_a_mebibyte_is_refused() {
        LoadedConfig loaded = new ConfigFiles(directory)
                .write("m.yaml", MESH)
                .write("big.yaml", "#".repeat((1 << 20) + 1))
                .load();
        assertThat(loaded.problems()).hasToString("[big.yaml: \"big.yaml\" (expected: a file of at most 1MiB)]");
    }

    @Test
    void sixteen_mebibytes_in_all_are_the_limit() {
        ConfigFiles files = new ConfigFiles(directory).write("a.yaml", MESH);
        IntStream.range(10, 27).forEach(i -> files.write("b" + i + ".yaml", "\n".repeat(1 << 20)));
        assertThat(files.load().problems())
                .isNotEmpty()
                .allSatisfy(problem -> assertThat(problem.expected()).isEqualTo("at most 16MiB in all files together"));
    }

    @Test
    void more_than_a_thousand_files_are_refused_without_reading_them() {
        ConfigFiles files = new ConfigFiles(directory);
        IntStream.range(0, 1001).forEach(i -> files.write(i + ".yaml", "{{{"));
        assertThat(files.load().problems()).hasToString("[.: \"directory\" (expected: at most 1000 files, not 1001)]");
    }

    @Test
    void more_than_a_thousand_members_are_refused() {
        String[] names = IntStream.range(0, 1001).mapToObj(i -> "p" + i).toArray(String[]::new);
        LoadedConfig loaded = new ConfigFiles(directory)
                .write("all.yaml", MESH + poolOf("p", names))
                .load();
        assertThat(loaded.problems().toString()).contains("spec.providers", "a list of 1 to 1000 objects");
    }

    @Test
    void bytes_that_are_no_utf_8_are_refused() throws IOException {
        Files.write(directory.resolve("a.yaml"), "kind: \u00e4".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(new ConfigFiles(directory).load().problems())
                .hasToString("[a.yaml: \"a.yaml\" (expected: UTF-8 text)]");
    }

    @Test
    void a_folder_with_a_files_name_is_refused() throws IOException {
        Files.createDirectory(directory.resolve("a.yaml"));
        assertThat(new ConfigFiles(directory).load().problems())
                .hasToString("[a.yaml: \"a.yaml\" (expected: a regular file)]");
    }

    @Test
    void a_directory_that_is_not_there_or_empty_is_refused() {
        assertThat(new ConfigFiles(directory).load().problems().toString()).contains("at least one object");
        assertThat(new ConfigFiles(directory.resolve("x")).load().problems().toString())
                .contains("a readable directory");
        assertThat(new ConfigFiles(directory).load().config()).isEmpty();
    }

    @Test
    void a_hundred_wrong_objects_give_a_hundred_problems_and_never_a_config() {
        StringBuilder text = new StringBuilder(MESH);
        IntStream.range(0, 100).forEach(i -> text.append(provider("p" + i, "{endpoint: {host: h, port: 0}}")));
        LoadedConfig loaded =
                new ConfigFiles(directory).write("all.yaml", text.toString()).load();
        assertThat(loaded.problems()).hasSize(100);
    }

    private static final String CHAIN =
            mesh("{capacity: {source: chain, chainId: 1, rpc: 'http://h', registry: '0x" + "0".repeat(40) + "'}}");

    private static Arguments text(String yaml, String... said) {
        return Arguments.of(yaml, said);
    }

    private static Arguments name(String name) {
        return text(MESH + provider(name), "metadata.name", "a DNS label");
    }

    private static Arguments inMesh(String spec, String... said) {
        return text(mesh(spec), said);
    }

    private static Arguments inChain(String written, String instead, String... said) {
        String good = "{capacity: {source: chain, chainId: 1, rpc: 'http://h', registry: '0x" + "0".repeat(40) + "'}}";
        assertThat(good).contains(written);
        return text(mesh(good.replace(written, instead)), said);
    }

    private static Arguments owner(String chain, String... said) {
        return text(CHAIN + provider("a", "{endpoint: {host: h, port: 1}, chain: " + chain + "}"), said);
    }

    private static Arguments inProvider(String written, String instead, String... said) {
        String good = "{endpoint: {host: h, port: 1}, capacity: {workUnitsPerSecond: 2, slots: 3}}";
        assertThat(good).contains(written);
        return text(MESH + provider("a", good.replace(written, instead)), said);
    }

    private static Arguments inCredentials(String credentials, String... said) {
        return inProvider("{endpoint", "{credentials: " + credentials + ", endpoint", said);
    }

    private static Arguments sidecar(String sidecar, String... said) {
        return inProvider("{endpoint", "{sidecar: " + sidecar + ", endpoint", said);
    }

    private static Arguments inPool(String match, String... said) {
        return text(MESH + provider("a") + pool("p", "{match: " + match + ", providers: [{provider: a}]}"), said);
    }

    private static Arguments withPool(String field, String... said) {
        return text(
                MESH + provider("a") + pool("p", "{match: {model: m}, providers: [{provider: a}], " + field + "}"),
                said);
    }

    private static String billionLaughs() {
        StringBuilder text = new StringBuilder("a0: &a0 [lol]\n");
        for (int i = 1; i < 60; i++) {
            text.append("a").append(i).append(": &a").append(i).append(" [");
            text.append(("*a" + (i - 1) + ", ").repeat(9)).append("]\n");
        }
        return text.toString();
    }
}
