package dev.weir.control.chain;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.web3j.crypto.Hash;

final class ArtifactTest {
    @Test
    void the_reader_knows_every_event_of_the_contract_but_those_that_change_nothing_that_counts() {
        List<String> known = new ArrayList<>(List.of(
                "SignerChanged(bytes32,address)",
                "EndpointChanged(bytes32,bytes32)",
                "StakeWithdrawn(bytes32,uint256)",
                "ReleasedStakeWithdrawn(address,uint256)"));
        Arrays.stream(EventDecoder.Kind.values()).forEach(kind -> known.add(kind.signature));
        assertThat(known).containsExactlyInAnyOrderElementsOf(Artifact.REGISTRY.events());
    }

    @Test
    void every_call_is_one_that_its_contract_has() throws Exception {
        RegistryContract registry = new RegistryContract(Logs.REGISTRY);
        TokenContract token = new TokenContract(Logs.REGISTRY);
        BigInteger one = BigInteger.ONE;
        has("CapacityRegistry", registry.register("a", Logs.SIGNER, "http://a", one));
        has("CapacityRegistry", registry.stake("a", one));
        has("CapacityRegistry", registry.requestUnstake("a", one));
        has("CapacityRegistry", registry.withdrawStake("a"));
        has("CapacityRegistry", registry.declare("a", 1, 1, List.of("t")));
        has("CapacityRegistry", registry.withdrawCapacity("a"));
        has("CapacityRegistry", registry.providerOf("a"));
        has("CapacityRegistry", registry.setOwner("a", Logs.OWNER));
        has("CapacityRegistry", registry.release("a"));
        has("CapacityRegistry", registry.withdrawReleased());
        has("CapacityRegistry", registry.token());
        has("CapacityRegistry", registry.minStake());
        has("DevToken", token.decimals());
        has("DevToken", token.mint(Logs.OWNER, one));
        has("DevToken", token.approve(Logs.OWNER, one));
    }

    private static void has(String contract, Call call) throws IOException {
        Set<String> selectors = new HashSet<>();
        try (InputStream in = requireNonNull(Artifact.class.getResourceAsStream(contract + ".json"))) {
            for (JsonNode entry : new ObjectMapper().readTree(in).path("abi")) {
                List<String> types = new ArrayList<>();
                entry.path("inputs")
                        .forEach(input -> types.add(input.path("type").asText()));
                String signature = entry.path("name").asText() + "(" + String.join(",", types) + ")";
                selectors.add(Hash.sha3String(signature).substring(0, 10));
            }
        }
        assertThat(selectors).as(call.what()).contains(call.data().substring(0, 10));
    }

    @Test
    void bytecode_is_there_and_fits_a_block() {
        assertThat(Artifact.REGISTRY.bytecode()).matches("0x[0-9a-f]+").hasSizeBetween(1_000, 2 + 2 * 24_576);
        assertThat(Artifact.TOKEN.bytecode()).matches("0x[0-9a-f]+").hasSizeBetween(1_000, 2 + 2 * 24_576);
    }

    @Test
    void reverts_are_said_in_words() {
        String name = "0".repeat(62) + "20" + "0".repeat(62) + "05" + "6770752d31" + "0".repeat(54);
        assertThat(Revert.reason("\"0x" + selector("NameTaken") + name + "\"")).isEqualTo("NameTaken(\"gpu-1\")");
        assertThat(Revert.reason("0x" + selector("StillBonded") + "0".repeat(62) + "ff"))
                .isEqualTo("StillBonded(255)");
        assertThat(Revert.reason("0x" + selector("InvalidAddress"))).isEqualTo("InvalidAddress()");
        assertThat(Revert.reason("0x08c379a0" + name)).isEqualTo("Error(\"gpu-1\")");
        assertThat(Revert.reason("0x" + selector("NameTaken") + "ff"))
                .as("cut off")
                .isEqualTo("NameTaken");
        assertThat(Revert.reason("0xdeadbeef" + "00".repeat(100)))
                .startsWith("with 0xdeadbeef")
                .endsWith("...");
        assertThat(Revert.reason(null)).isEqualTo("without a reason");
        assertThat(Revert.reason("<html>")).isEqualTo("without a reason");
    }

    private static String selector(String error) {
        return Artifact.REGISTRY.errors().entrySet().stream()
                .filter(e -> e.getValue().name().equals(error))
                .findFirst()
                .orElseThrow()
                .getKey()
                .substring(2);
    }
}
