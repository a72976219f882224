package dev.weir.control.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class ArtifactTest {
    @Test
    void the_reader_knows_every_event_of_the_contract_and_no_other() {
        assertThat(Arrays.stream(EventDecoder.Kind.values()).map(kind -> kind.signature))
                .containsExactlyInAnyOrderElementsOf(Artifact.REGISTRY.events());
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
