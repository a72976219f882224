package dev.weir.xds.delivery;

import java.util.List;
import java.util.TreeSet;

/**
 * What a sidecar says of itself in its node metadata, struct {@code weir}. Sidecars of one profile get the same resources.
 */
public sealed interface SidecarProfile {
    /**
     * Where systems keep the authorities that they trust: Debian, Ubuntu, Alpine and Envoy's own images; Fedora and Red Hat;
     * SUSE; Alpine and macOS. A sidecar that does not say where is tried with one after the other.
     */
    List<String> USUAL_AUTHORITIES = List.of(
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/ssl/ca-bundle.pem",
            "/etc/ssl/cert.pem");

    /** Where sidecars look for their certificates unless they say otherwise. */
    String USUAL_CERTIFICATES = "certs";

    /** IP address that it wants to listen on, key {@code listen_address}, default {@code 127.0.0.1}. */
    String listenAddress();

    /** 1-65535, key {@code listen_port}, default {@code 10000} beside an agent and {@code 10001} before a provider. */
    int listenPort();

    /**
     * PEM file, at the sidecar, of the authorities that its system trusts: key {@code authorities}, an absolute path, default
     * the first of {@link #USUAL_AUTHORITIES} that is there.
     */
    String authorities();

    /** The same with its system's authorities elsewhere. */
    SidecarProfile withAuthorities(String path);

    /**
     * Folder, at the sidecar, with {@code identity.yaml} and {@code authorities.yaml}: who it is to other sidecars and whom it
     * believes. Key {@code certificates}, default {@link #USUAL_CERTIFICATES}; relative to its working directory.
     */
    String certificates();

    /** The same with its certificates elsewhere. */
    SidecarProfile withCertificates(String folder);

    /**
     * Beside an agent: {@code role} absent or {@code consumer}. Listener and paths of certificates apart, all is the same
     * for all of them.
     *
     * @param accessLogPath file of the JSON access log, key {@code access_log}, default {@code weir-access.log}; relative to
     *     the sidecar's working directory
     */
    record Consumer(String listenAddress, int listenPort, String accessLogPath, String authorities, String certificates)
            implements SidecarProfile {
        public static final Consumer DEFAULT = new Consumer("127.0.0.1", 10000, "weir-access.log");

        /** One that has everything else in the usual places. */
        public Consumer(String listenAddress, int listenPort, String accessLogPath) {
            this(listenAddress, listenPort, accessLogPath, USUAL_AUTHORITIES.get(0), USUAL_CERTIFICATES);
        }

        @Override
        public Consumer withAuthorities(String path) {
            return new Consumer(listenAddress, listenPort, accessLogPath, path, certificates);
        }

        @Override
        public Consumer withCertificates(String folder) {
            return new Consumer(listenAddress, listenPort, accessLogPath, authorities, folder);
        }
    }

    /**
     * Before providers: {@code role: provider}. It is sent what is needed to call these providers, their credentials among
     * it, and nothing of others.
     *
     * @param providers names, sorted, each once; key {@code providers}, a list of at least one
     */
    record Provider(
            String listenAddress, int listenPort, List<String> providers, String authorities, String certificates)
            implements SidecarProfile {
        static final String DEFAULT_ADDRESS = "127.0.0.1";
        static final int DEFAULT_PORT = 10001;

        public Provider {
            providers = List.copyOf(new TreeSet<>(providers));
        }

        /** One that has everything else in the usual places. */
        public Provider(String listenAddress, int listenPort, List<String> providers) {
            this(listenAddress, listenPort, providers, USUAL_AUTHORITIES.get(0), USUAL_CERTIFICATES);
        }

        @Override
        public Provider withAuthorities(String path) {
            return new Provider(listenAddress, listenPort, providers, path, certificates);
        }

        @Override
        public Provider withCertificates(String folder) {
            return new Provider(listenAddress, listenPort, providers, authorities, folder);
        }
    }
}
