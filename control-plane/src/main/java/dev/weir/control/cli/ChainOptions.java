package dev.weir.control.cli;

import dev.weir.control.chain.Anvil;
import dev.weir.control.chain.PrivateKey;
import dev.weir.control.chain.Wallet;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that the subcommands of {@code weir chain} share. */
final class ChainOptions {
    private ChainOptions() {}

    /** The options that name a chain. */
    static final class Node {
        @Option(
                names = "--rpc",
                required = true,
                paramLabel = "URL",
                description = "JSON-RPC endpoint, http or https, for instance http://127.0.0.1:8545.")
        @Nullable
        URI rpc;

        @Option(
                names = "--chain-id",
                required = true,
                paramLabel = "ID",
                description = "The only chain id accepted; 31337 on a development chain.")
        long chainId;

        URI rpc() {
            URI uri = rpc;
            boolean http = uri != null
                    && uri.getHost() != null
                    && ("http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme()));
            if (uri == null || !http) {
                throw new IllegalArgumentException("--rpc: *** (expected: an http or https address)");
            }
            return uri;
        }
    }

    /** The options that name a chain and the key that signs. */
    static final class Sender {
        @Mixin
        Node node = new Node();

        @ArgGroup(multiplicity = "1", heading = "%nThe key that signs (never printed):%n")
        Source key = new Source();

        @Option(
                names = "--timeout",
                paramLabel = "SECONDS",
                defaultValue = "120",
                description = "How long to wait for each transaction's block (default: ${DEFAULT-VALUE}).")
        int timeoutSeconds;

        static final class Source {
            @Option(names = "--key-file", paramLabel = "FILE", description = "A file that holds 64 hex digits.")
            @Nullable
            Path file;

            @Option(
                    names = "--key-env",
                    paramLabel = "NAME",
                    description = "An environment variable that holds 64 hex digits.")
            @Nullable
            String variable;

            @Option(
                    names = "--dev-account",
                    paramLabel = "N",
                    description = "Account N of a development chain (0 - 99); refused with any other chain id than "
                            + Anvil.DEFAULT_CHAIN_ID + ".")
            @Nullable
            Integer devAccount;
        }

        Wallet wallet() throws IOException {
            if (timeoutSeconds < 1) {
                throw new IllegalArgumentException("--timeout: " + timeoutSeconds + " (expected: 1 or more)");
            }
            return new Wallet(node.rpc(), node.chainId, key(), Duration.ofSeconds(timeoutSeconds));
        }

        private PrivateKey key() throws IOException {
            if (key.file != null) {
                return PrivateKey.fromFile(key.file);
            }
            if (key.variable != null) {
                String value = System.getenv(key.variable);
                if (value == null) {
                    throw new IllegalArgumentException(
                            "--key-env: \"" + key.variable + "\" (expected: a variable that is set)");
                }
                return PrivateKey.parse(value);
            }
            int account = key.devAccount == null ? -1 : key.devAccount;
            if (node.chainId != Anvil.DEFAULT_CHAIN_ID) {
                throw new IllegalArgumentException("--dev-account: " + account + " (expected: --key-file or --key-env,"
                        + " because everybody knows this key and --chain-id is no development chain's)");
            }
            return PrivateKey.devAccount(account);
        }
    }
}
