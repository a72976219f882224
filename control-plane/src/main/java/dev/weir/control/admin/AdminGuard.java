package dev.weir.control.admin;

import com.google.errorprone.annotations.ThreadSafe;
import dev.weir.control.model.Access;
import dev.weir.xds.peer.Pem;
import dev.weir.xds.peer.TlsIdentity;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Who may use the admin port. Without tokens, which only a port on loopback is, whoever reaches it may read.
 * One thread configures it.
 */
@ThreadSafe
public final class AdminGuard {
    /** What probes of liveness ask, without a token. */
    private static final Set<String> OPEN = Set.of("/healthz", "/readyz");

    private final Optional<TlsIdentity> own;
    /** Digests of the tokens: a look-up tells nothing of how much of a token was right. */
    private volatile Set<String> tokens;

    public AdminGuard(Access access) {
        own = access.tls().map(tls -> TlsIdentity.server(pem(tls)));
        tokens = tokens(access);
    }

    /** Takes the certificate and the tokens of a configuration of the same shape. */
    public void configure(Access access) {
        tokens = tokens(access);
        own.ifPresent(identity -> access.tls().ifPresent(tls -> identity.update(pem(tls))));
    }

    /** The TLS context of the port; empty = plain text. */
    Optional<SSLContext> tls() {
        return own.map(identity -> {
            try {
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(new KeyManager[] {identity.keys()}, null, null);
                return context;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e); // every Java has TLS
            }
        });
    }

    /**
     * Why a request may not be answered; empty = it may.
     *
     * @param authorization its header: {@code Bearer TOKEN}, or Basic with the token as password, as browsers ask for one
     */
    Optional<AdminReply> refusal(String method, String path, @Nullable String authorization) {
        Set<String> known = tokens;
        if (known.isEmpty() || (method.equals("GET") && OPEN.contains(path))) {
            return Optional.empty();
        }
        boolean proven = authorization != null
                && token(authorization)
                        .map(AdminGuard::digest)
                        .filter(known::contains)
                        .isPresent();
        return proven
                ? Optional.empty()
                : Optional.of(AdminReply.error(401, "authorization: no token of ours (expected: Bearer TOKEN)"));
    }

    private static Optional<String> token(String authorization) {
        int space = authorization.indexOf(' ');
        String scheme = authorization.substring(0, Math.max(0, space)).toLowerCase(Locale.ROOT);
        String rest = authorization.substring(space + 1);
        if (scheme.equals("bearer")) {
            return Optional.of(rest);
        }
        if (!scheme.equals("basic")) {
            return Optional.empty();
        }
        try {
            String pair = new String(Base64.getDecoder().decode(rest), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return colon < 0 ? Optional.empty() : Optional.of(pair.substring(colon + 1));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Set<String> tokens(Access access) {
        return access.tokens().stream().map(token -> digest(token.value())).collect(Collectors.toUnmodifiableSet());
    }

    private static String digest(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every Java has SHA-256
        }
    }

    private static Pem pem(Access.Tls tls) {
        return new Pem(tls.certificate(), tls.key(), tls.authorities());
    }
}
