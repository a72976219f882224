package dev.weir.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.control.chain.Anvil;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code weir chain} on a real anvil. */
@Timeout(120)
@TestInstance(Lifecycle.PER_CLASS)
final class ChainCommandIT {
    /** Second account of every development chain, as its documentation prints it. */
    private static final String SECRET = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";

    @TempDir
    Path folder = Path.of("");

    @SuppressWarnings("NullAway.Init") // set by start
    private Anvil anvil;

    private record Outcome(int code, String out, String err) {}

    @BeforeAll
    void start() throws Exception {
        String binary = System.getenv("WEIR_ANVIL");
        if (binary == null || binary.isEmpty()) {
            throw new IllegalStateException("WEIR_ANVIL: not set (expected: path of an anvil 1.7.1 binary)");
        }
        anvil = Anvil.start(Path.of(binary), Anvil.Options.DEFAULTS);
    }

    @AfterAll
    void stop() {
        anvil.close();
    }

    private static Outcome run(List<String> words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new CommandLine(new ChainCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(words.toArray(String[]::new));
        return new Outcome(code, out.toString(), err.toString());
    }

    private Outcome chain(String words, String... more) {
        List<String> all = new ArrayList<>(List.of(words.split(" ")));
        all.addAll(List.of("--rpc", anvil.rpc().toString(), "--chain-id", "31337"));
        all.addAll(List.of(more));
        return run(all);
    }

    @Test
    void a_providers_whole_way_in_and_out() throws Exception {
        Outcome deployed = chain("deploy --min-stake 100 --unbonding 0 --dev-account 0");
        assertThat(deployed.code()).as(deployed.err()).isZero();
        String registry = found("registry  (0x[0-9a-f]{40})", deployed.out());
        assertThat(deployed.out())
                .containsPattern("token     0x[0-9a-f]{40}")
                .contains("rpc: " + anvil.rpc(), "chainId: 31337", "registry: \"" + registry + "\"", "fromBlock: ");

        Path key = Files.writeString(folder.resolve("key"), SECRET + "\n");
        String[] own = {"--registry", registry, "--key-file", key.toString()};
        Outcome poor = chain("register gpu-1 --endpoint https://gpu.example", own);
        assertThat(poor.code()).isEqualTo(1);
        assertThat(poor.err().strip())
                .startsWith("weir chain: register gpu-1: ")
                .contains("reverted: ");
        Outcome none = chain("register gpu-1 --endpoint https://gpu.example --stake 0", own);
        assertThat(none.err().strip()).isEqualTo("weir chain: register gpu-1: reverted: InsufficientStake(0, 100)");

        String[] minters = {"--registry", registry, "--dev-account", "0"};
        Outcome registered = chain("register minter --endpoint x --mint", minters);
        assertThat(registered.code()).as(registered.err()).isZero();
        assertThat(registered.out()).contains("mint of token", "approve of token", "register minter: block ");
        Outcome minted = chain("stake minter --amount 150 --mint", minters);
        assertThat(minted.code()).as(minted.err()).isZero();
        assertThat(minted.out()).contains("mint of token", "approve of token", "stake for minter");
        Outcome declared = chain("declare minter --capacity 0.5 --slots 4 --task-type chat --task-type embed", minters);
        assertThat(declared.code()).as(declared.err()).isZero();

        JsonNode minter = new ObjectMapper()
                .readTree(
                        chain("show minter gpu-1 --json --registry " + registry).out())
                .get(0);
        assertThat(minter.path("provider").asText()).isEqualTo("minter");
        assertThat(minter.path("owner").asText()).isEqualTo("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
        assertThat(minter.path("stake").asText()).isEqualTo("250");
        assertThat(minter.path("workUnitsPerSecond").asDouble()).isEqualTo(0.5);
        String table = chain("show minter gpu-1 --registry " + registry).out();
        assertThat(table).containsPattern("gpu-1 +not registered +- +- +- +-");
        assertThat(table).containsPattern("minter +0xf39f[0-9a-f]+ +0.5 +4 +250 +0");

        Outcome deep = chain("unstake minter --amount 151", minters);
        assertThat(deep.err()).contains("unstake of minter: reverted: InsufficientStake(99, 100)");
        assertThat(chain("unstake minter --amount 150", minters).code()).isZero();
        assertThat(chain("claim minter", minters).code()).isZero();
        assertThat(chain("release minter", minters).code()).isZero();
        assertThat(chain("show minter --registry " + registry).out()).contains("not registered");
        assertThat(chain("payout", minters).out()).contains("withdraw stake of released names: block ");
        Outcome empty = chain("withdraw nobody", minters);
        assertThat(empty.err()).contains("withdraw capacity of nobody: reverted: UnknownProvider(0x");
    }

    @Test
    void keys_are_never_printed() throws Exception {
        Path file = Files.writeString(folder.resolve("bad"), SECRET + "ff");
        String rest = " --registry 0x" + "12".repeat(20) + " --endpoint x";
        Outcome broken = chain("register a --stake 1" + rest, "--key-file", file.toString());
        assertThat(broken.code()).isEqualTo(2);
        assertThat(broken.err()).contains("key: *** (expected:").doesNotContain(SECRET);
        Files.writeString(file, SECRET);
        Outcome nothingThere = chain("register a --stake 1" + rest, "--key-file", file.toString());
        assertThat(nothingThere.out() + nothingThere.err()).doesNotContain(SECRET);
    }

    @Test
    void wrong_usage_is_said_with_what_was_expected() {
        assertThat(chain("claim a --dev-account 0").err()).contains("Missing required option: '--registry=ADDRESS'");
        assertThat(chain("claim a --registry 0x12 --dev-account 0").err())
                .contains("registry: \"0x12\" (expected: 0x and 40 hex digits)");
        assertThat(chain("claim a --registry 0x" + "12".repeat(20)).err()).contains("--key-file");
        Outcome real = run(List.of(
                "deploy", "--rpc", "http://user:pw@example.invalid/secret", "--chain-id", "1", "--dev-account", "0"));
        assertThat(real.code()).isEqualTo(2);
        assertThat(real.err()).contains("everybody knows this key").doesNotContain("secret", "pw@");
        Outcome scheme = run(List.of("show", "a", "--rpc", "ftp://x/secret", "--chain-id", "1", "--registry", "0x12"));
        assertThat(scheme.err()).contains("--rpc: *** (expected: an http or https address)");
        Outcome capacity = chain("declare a --capacity NaN --slots 1 --dev-account 0 --registry 0x" + "12".repeat(20));
        assertThat(capacity.code()).isEqualTo(2);
        assertThat(capacity.err()).contains("capacity: NaN (expected: 0.001 - 1e9)");
        assertThat(chain("deploy --dev-account 0 --min-stake -1").err()).contains("--min-stake: -1 (expected: 0");
        assertThat(chain("deploy --dev-account 0 --unbonding -1").err())
                .contains("unbonding: -1 s (expected: 0 or more)");
        assertThat(run(List.of()).code()).isEqualTo(2);
    }

    @Test
    void another_chain_is_refused_with_both_ids() {
        Outcome shown = run(List.of(
                "show", "a", "--rpc", anvil.rpc().toString(), "--chain-id", "5", "--registry", "0x" + "12".repeat(20)));
        assertThat(shown.code()).isEqualTo(1);
        assertThat(shown.err().strip()).isEqualTo("weir chain: chain id: 31337 (expected: 5)");
    }

    private static String found(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return matcher.group(1);
    }
}
