package dev.weir.control.chain;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A development chain in a process of its own, with ten rich accounts ({@link PrivateKey#devAccount}). Ends with {@link #close}. */
public final class Anvil implements AutoCloseable {
    public static final long DEFAULT_CHAIN_ID = 31337;

    private static final Duration READY_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration READY_POLL = Duration.ofMillis(50);
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(2);
    private static final long STOP_SECONDS = 5;
    private static final int MAX_OUTPUT_BYTES = 4096;
    private static final int ATTEMPTS = 3;

    private final Process process;
    private final URI rpc;

    /**
     * @param port 0 = any free one
     * @param chainId {@value #DEFAULT_CHAIN_ID} unless a test wants another
     * @param blockTime time between blocks
     * @param state file that the chain is kept in, so that it goes on where it was after a restart; empty = each start is
     *     another chain
     */
    public record Options(int port, long chainId, Duration blockTime, Optional<Path> state) {
        public static final Options DEFAULTS =
                new Options(0, DEFAULT_CHAIN_ID, Duration.ofSeconds(1), Optional.empty());

        public Options withPort(int port) {
            return new Options(port, chainId, blockTime, state);
        }

        public Options withChainId(long chainId) {
            return new Options(port, chainId, blockTime, state);
        }

        public Options withState(Path file) {
            return new Options(port, chainId, blockTime, Optional.of(file));
        }

        public Options withBlockTime(Duration blockTime) {
            return new Options(port, chainId, blockTime, state);
        }
    }

    private Anvil(Process process, URI rpc) {
        this.process = process;
        this.rpc = rpc;
    }

    /**
     * Starts a chain and returns when it answers.
     *
     * @param binary anvil
     * @throws IOException when it cannot be started or ends at once; the message holds what it said
     */
    public static Anvil start(Path binary, Options options) throws IOException, InterruptedException {
        IOException last = new IOException("anvil: not tried");
        for (int i = 0; i < (options.port() == 0 ? ATTEMPTS : 1); i++) {
            int port = freePort(options.port());
            Anvil anvil = new Anvil(
                    new ProcessBuilder(command(binary, port, options))
                            .redirectErrorStream(true)
                            .start(),
                    URI.create("http://127.0.0.1:" + port));
            try {
                anvil.awaitReady(options.chainId());
                return anvil;
            } catch (IOException e) {
                last = e; // somebody else may have taken the port in between
                anvil.kill();
            }
        }
        throw last;
    }

    public URI rpc() {
        return rpc;
    }

    public int port() {
        return rpc.getPort();
    }

    /** The process's id. */
    public long pid() {
        return process.pid();
    }

    /** Ends it as a power cut would. */
    public void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it, by force if it does not within {@value #STOP_SECONDS} s. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        kill();
    }

    private static List<String> command(Path binary, int port, Options options) {
        List<String> command = new ArrayList<>(List.of(
                binary.toString(),
                "--quiet",
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--chain-id",
                Long.toString(options.chainId()),
                "--block-time",
                Double.toString(options.blockTime().toMillis() / 1000.0)));
        options.state().ifPresent(file -> command.addAll(List.of("--state", file.toString(), "--state-interval", "1")));
        return command;
    }

    private void awaitReady(long chainId) throws IOException, InterruptedException {
        EthNode node = new EthNode(new HttpRpc(rpc, PROBE_TIMEOUT, MAX_OUTPUT_BYTES));
        long deadline = System.nanoTime() + READY_TIMEOUT.toNanos();
        while (process.isAlive() && System.nanoTime() - deadline < 0) {
            try {
                if (node.chainId() == chainId && process.isAlive()) {
                    return;
                }
            } catch (NodeException e) {
                // not yet
            }
            Thread.sleep(READY_POLL.toMillis());
        }
        throw new IOException(
                "anvil at " + rpc + ": " + (process.isAlive() ? "does not answer" : "ended: " + output()));
    }

    private String output() throws IOException {
        return new String(process.getInputStream().readNBytes(MAX_OUTPUT_BYTES), StandardCharsets.UTF_8).strip();
    }

    /** A port that nobody listens on now; who already does would be taken for the new chain. */
    private static int freePort(int wanted) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted));
            return socket.getLocalPort();
        } catch (BindException e) {
            throw new IOException("port: " + wanted + " (expected: a free one)", e);
        }
    }
}
