package dev.weir.control.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PrivateKeyTest {
    /** First account of the phrase that development chains use, as their documentation prints it. */
    private static final String SECRET = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

    private static final String ADDRESS = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";

    @TempDir
    Path folder = Path.of("");

    @Test
    void development_accounts_are_those_of_every_development_chain() {
        assertThat(PrivateKey.devAccount(0).address()).isEqualTo(ADDRESS);
        assertThat(PrivateKey.devAccount(1).address()).isEqualTo("0x70997970c51812dc3a010c7d01b50e0d17dc79c8");
        assertThatThrownBy(() -> PrivateKey.devAccount(-1)).hasMessage("development account: -1 (expected: 0 - 99)");
    }

    @Test
    void a_file_holds_a_key_and_nothing_else() throws Exception {
        Path file = Files.writeString(folder.resolve("key"), "0x" + SECRET + "\n");
        assertThat(PrivateKey.fromFile(file).address()).isEqualTo(ADDRESS);
        Path big = Files.writeString(folder.resolve("big"), "0".repeat(2_000));
        assertThatThrownBy(() -> PrivateKey.fromFile(big))
                .hasMessageContaining("expected: 64 hex digits and nothing else");
    }

    @Test
    void is_never_printed() {
        assertThat(PrivateKey.parse(SECRET).toString())
                .isEqualTo("Key[" + ADDRESS + "]")
                .doesNotContain("ac0974");
        assertThatThrownBy(() -> PrivateKey.parse(SECRET + "0"))
                .hasMessage("key: *** (expected: a private key of 64 hex digits)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0x",
                "zz",
                "0000000000000000000000000000000000000000000000000000000000000000",
                "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
            })
    void refuses_what_is_no_key(String text) {
        assertThatThrownBy(() -> PrivateKey.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
