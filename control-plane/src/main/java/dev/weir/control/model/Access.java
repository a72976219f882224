package dev.weir.control.model;

import java.util.List;
import java.util.Optional;

/**
 * How those who connect to a port prove who they are.
 *
 * @param tls {@code tls}; empty = plain text, for whoever can reach the port
 * @param insecure {@code insecure: true}: plain text elsewhere than on loopback
 * @param tokens {@code tokens}: who is believed without a certificate
 */
public record Access(Optional<Tls> tls, boolean insecure, List<Token> tokens) {
    /** Plain text on loopback. */
    public static final Access LOOPBACK = new Access(Optional.empty(), false, List.of());

    /** Role of a token of the admin port: it may ask. There is nothing to do there, so there is no other. */
    public static final String READ = "read";

    public Access {
        tokens = List.copyOf(tokens);
    }

    /**
     * @param certificate what {@code tls.certFile} holds: PEM, the server's certificate first
     * @param key what {@code tls.keyFile} holds: its private key, PKCS #8 PEM
     * @param authorities what {@code tls.clientCaFile} holds: PEM of those whose client certificates are believed; "" = none
     */
    public record Tls(String certificate, String key, String authorities) {
        @Override
        public String toString() {
            return "Tls[***]";
        }
    }

    /**
     * @param bearer the identity, or the role, that it stands for
     * @param value the token itself, {@code valueFrom: {env: NAME}} or {@code {file: PATH}}; never logged, never in a toString
     */
    public record Token(String bearer, String value) {
        @Override
        public String toString() {
            return "Token[bearer=" + bearer + ", value=***]";
        }
    }
}
