package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.control.chain.Anvil;
import dev.weir.control.chain.Deployment;
import dev.weir.control.chain.Onboarding;
import dev.weir.control.chain.PrivateKey;
import dev.weir.control.chain.Wallet;
import dev.weir.control.config.ConfigFeed;
import dev.weir.control.config.DirectorySource;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A running control plane over a real chain: whose word counts, and how much of it. */
@Timeout(120)
final class ChainReloadIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder = Path.of("");

    @Test
    void providers_and_owners_come_and_go_while_it_runs() throws Exception {
        Anvil.Options fast = Anvil.Options.DEFAULTS.withBlockTime(Duration.ofMillis(200));
        try (Anvil anvil = Anvil.start(Path.of(System.getenv("WEIR_ANVIL")), fast)) {
            Deployment deployment = Deployment.withDevToken(wallet(anvil, 0), BigInteger.TEN, 60);
            Onboarding.run(deployment, wallet(anvil, 0), List.of(offer(anvil, "a", 1), offer(anvil, "b", 2)));
            Map<String, String> owners =
                    new TreeMap<>(Map.of("a", wallet(anvil, 1).address()));
            write(anvil, deployment, owners);
            ConfigFeed feed = new ConfigFeed(new DirectorySource(folder, name -> Optional.empty()));
            try (ControlPlane running = new ControlPlane(feed, Outside.real())) {
                JsonNode a = awaitProvider(running, "a", p -> p.has("declared"));
                assertThat(a.at("/declared/workUnitsPerSecond").asDouble()).isEqualTo(10);
                assertThat(a.at("/declared/stakeCap").asDouble()).isEqualTo(5);
                assertThat(a.at("/declared/counts").asText()).isEqualTo("stakeCap");
                assertThat(a.at("/declared/countedWorkUnitsPerSecond").asDouble())
                        .isEqualTo(5);
                assertThat(a.at("/load/trustedCapacity").asDouble()).isLessThanOrEqualTo(5);

                owners.put("b", wallet(anvil, 2).address());
                write(anvil, deployment, owners);
                awaitProvider(running, "b", p -> p.has("declared"));

                owners.put("b", wallet(anvil, 3).address());
                write(anvil, deployment, owners);
                JsonNode b = awaitProvider(running, "b", p -> !p.has("declared") && p.has("remark"));
                assertThat(b.get("remark").asText())
                        .isEqualTo("owner: " + wallet(anvil, 2).address() + " (expected: "
                                + wallet(anvil, 3).address() + "; nothing that it says counts)");
                assertThat(provider(running, "a").has("declared")).isTrue();
            }
        }
    }

    private static Wallet wallet(Anvil anvil, int account) {
        return new Wallet(anvil.rpc(), Anvil.DEFAULT_CHAIN_ID, PrivateKey.devAccount(account), Duration.ofSeconds(30));
    }

    /** Ten work units per second, on stake for five. */
    private static Onboarding.Offer offer(Anvil anvil, String name, int account) {
        return new Onboarding.Offer(
                name, wallet(anvil, account), "http://" + name, BigInteger.valueOf(5_000_000), 10, 4, List.of());
    }

    private void write(Anvil anvil, Deployment deployment, Map<String, String> owners) throws IOException {
        StringBuilder objects = new StringBuilder("""
                apiVersion: weir.dev/v1alpha1
                kind: Mesh
                metadata: {name: test}
                spec:
                  xds: {listen: '127.0.0.1:0'}
                  admin: {listen: '127.0.0.1:0'}
                  capacity: {source: chain, rpc: '%s', chainId: 31337, registry: '%s', pollInterval: 100ms}
                """.formatted(anvil.rpc(), deployment.registry()));
        owners.forEach((name, owner) -> objects.append("""
                ---
                apiVersion: weir.dev/v1alpha1
                kind: Provider
                metadata: {name: %s}
                spec: {endpoint: {host: 127.0.0.1, port: 9}, chain: {owner: '%s'}}
                """.formatted(name, owner)));
        objects.append("""
                ---
                apiVersion: weir.dev/v1alpha1
                kind: ProviderPool
                metadata: {name: chat}
                spec: {match: {model: chat}, providers: [%s]}
                """.formatted(String.join(
                ", ",
                owners.keySet().stream().map(name -> "{provider: " + name + "}").toList())));
        Files.writeString(folder.resolve("all.yaml"), objects);
    }

    private static JsonNode awaitProvider(ControlPlane running, String name, Predicate<JsonNode> wanted) {
        return await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> provider(running, name), wanted);
    }

    private static JsonNode provider(ControlPlane running, String name) throws IOException {
        URI uri = URI.create("http://127.0.0.1:" + running.adminAddress().getPort() + "/v1/providers");
        try (InputStream answer = uri.toURL().openStream()) {
            for (JsonNode each : JSON.readTree(answer).get("providers")) {
                if (each.get("provider").asText().equals(name)) {
                    return each;
                }
            }
        }
        throw new IOException(name + ": not there");
    }
}
