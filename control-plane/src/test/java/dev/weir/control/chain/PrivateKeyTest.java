package dev.weir.control.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.control.model.Signer;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.web3j.crypto.Hash;
import org.web3j.crypto.Keys;
import org.web3j.crypto.Sign;
import org.web3j.crypto.Sign.SignatureData;

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
    void what_it_signs_is_known_to_be_its_accounts() throws Exception {
        Signer signer = PrivateKey.parse(SECRET);
        byte[] digest = Hash.sha3("a receipt".getBytes(StandardCharsets.UTF_8));
        byte[] signature = signer.sign(digest);
        assertThat(signature).hasSize(65);
        assertThat(signature[64]).isIn((byte) 27, (byte) 28);
        BigInteger account = Sign.signedMessageHashToKey(
                digest,
                new SignatureData(
                        signature[64], Arrays.copyOfRange(signature, 0, 32), Arrays.copyOfRange(signature, 32, 64)));
        assertThat("0x" + Keys.getAddress(account)).isEqualTo(signer.address());
        for (int length : new int[] {0, 31, 33}) {
            assertThatThrownBy(() -> signer.sign(new byte[length]))
                    .hasMessage("digest: " + length + " bytes (expected: 32)");
        }
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
