package dev.weir.control.model;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Kind {@code Provider}.
 *
 * @param endpoint {@code spec.endpoint}, where it is called
 * @param credentials {@code spec.credentials}, header injected upstream; empty = none
 * @param declared {@code spec.capacity}; only with {@code source: file}
 * @param proxy {@code spec.sidecar}, the sidecar before it; empty = consumers call the endpoint directly
 * @param usage {@code spec.usage}, whether it is asked for the usage of streams, default asked
 * @param chain {@code spec.chain}, who it is on the chain; required with {@code source: chain}, without effect else
 * @param drain {@code spec.drain}, whether it gets no new calls, default false; what is in flight there goes on
 */
public record Provider(
        String name,
        Endpoint endpoint,
        Optional<Credentials> credentials,
        Optional<Capacity> declared,
        Optional<ProviderProxy> proxy,
        Usage usage,
        Optional<OnChain> chain,
        boolean drain) {
    /**
     * @param host {@code host}, DNS name or IP address, lower case, IPv6 without brackets
     * @param port {@code port}, 1-65535
     * @param tls {@code tls}, TLS towards it, {@code {}} = with defaults; empty = plain text
     * @param base the path of {@code url}, which replaces what agents' paths have up to {@code /v1}: begins with a slash, ends
     *     with none, "" = the root; empty = it was given by host and port, and agents' paths go on as they are
     * @param query {@code query}, parameters that each request gets in place of the agent's own of these names, by name, not
     *     escaped
     */
    public record Endpoint(String host, int port, Optional<Tls> tls, Optional<String> base, Map<String, String> query) {
        public Endpoint {
            // sorted: what is made of it is sent to sidecars again where it differs
            query = Collections.unmodifiableMap(new TreeMap<>(query));
        }

        /** One that is given by host and port. */
        public Endpoint(String host, int port, Optional<Tls> tls) {
            this(host, port, tls, Optional.empty(), Map.of());
        }

        /** Whether requests have another path or query there than agents gave them. */
        public boolean rewrites() {
            return base.isPresent() || !query.isEmpty();
        }
    }

    /**
     * A provider's side of a chain.
     *
     * @param owner {@code chain.owner}, the only account that may speak for it: what is registered or declared under its name
     *     by another is nobody's; 0x and 40 hex digits, lower case, not zero
     */
    public record OnChain(String owner) {}

    /** Whether the mesh adds {@code stream_options.include_usage} to streams of agents that do not. */
    public enum Usage {
        /** Yes; once more without where the provider refuses it. */
        ASKED,
        /** No. */
        NEVER
    }

    /**
     * @param serverName {@code serverName}, SNI and name checked in the certificate, default the host
     * @param authorities PEM text of trusted authorities, what the file of {@code caFile} holds; empty = those that the
     *     sidecar's system trusts
     */
    public record Tls(String serverName, Optional<String> authorities) {
        @Override
        public String toString() {
            return "Tls[serverName=" + serverName + ", authorities="
                    + authorities.map(pem -> pem.length() + " characters").orElse("the system's") + "]";
        }
    }

    /**
     * @param header {@code header}, lower case, default {@code authorization}
     * @param value whole value as sent, for instance {@code Bearer sk-...}: {@code value}, or {@code valueFrom: {env: NAME}}
     *     or {@code {file: PATH}}, behind an optional {@code prefix}; never logged, never in a toString
     */
    public record Credentials(String header, String value) {
        @Override
        public String toString() {
            return "Credentials[header=" + header + ", value=***]";
        }
    }

    /**
     * @param workUnitsPerSecond {@code > 0}, at most 1e9; 0 = left out, to be learnt
     * @param slots requests served at once, 1 - 1 000 000; 0 = not declared
     */
    public record Capacity(double workUnitsPerSecond, int slots) {}
}
