package dev.weir.xds.delivery;

import java.util.List;
import java.util.TreeSet;

/**
 * What a sidecar says of itself in its node metadata, struct {@code weir}. Sidecars of one profile get the same resources.
 */
public sealed interface SidecarProfile {
    /** IP address that it wants to listen on, key {@code listen_address}, default {@code 127.0.0.1}. */
    String listenAddress();

    /** 1-65535, key {@code listen_port}, default {@code 10000} beside an agent and {@code 10001} before a provider. */
    int listenPort();

    /**
     * Beside an agent: {@code role} absent or {@code consumer}. All but the listener is the same for all of them.
     *
     * @param accessLogPath file of the JSON access log, key {@code access_log}, default {@code weir-access.log}; relative to
     *     the sidecar's working directory
     */
    record Consumer(String listenAddress, int listenPort, String accessLogPath) implements SidecarProfile {
        public static final Consumer DEFAULT = new Consumer("127.0.0.1", 10000, "weir-access.log");
    }

    /**
     * Before providers: {@code role: provider}. It is sent what is needed to call these providers, their credentials among
     * it, and nothing of others.
     *
     * @param providers names, sorted, each once; key {@code providers}, a list of at least one
     */
    record Provider(String listenAddress, int listenPort, List<String> providers) implements SidecarProfile {
        static final String DEFAULT_ADDRESS = "127.0.0.1";
        static final int DEFAULT_PORT = 10001;

        public Provider {
            providers = List.copyOf(new TreeSet<>(providers));
        }
    }
}
