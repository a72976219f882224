package dev.weir.control.server;

import com.google.errorprone.annotations.ThreadSafe;
import dev.weir.control.model.Access;
import dev.weir.control.model.Config;
import dev.weir.control.model.Consumers;
import dev.weir.control.model.Provider;
import dev.weir.control.model.ProviderProxy;
import dev.weir.xds.peer.Identities;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the configuration in force says of identities. One thread sets it, any may read. */
@ThreadSafe
final class KnownIdentities implements Identities {
    private volatile Known known;

    /**
     * @param consumers who may be one
     * @param sides names of providers by identity of their side
     * @param bearers identities by digest of their token: a look-up tells nothing of how much of a token was right
     */
    private record Known(Consumers consumers, Map<String, Set<String>> sides, Map<String, String> bearers) {}

    KnownIdentities(Config config) {
        known = of(config);
    }

    void configure(Config config) {
        known = of(config);
    }

    @Override
    public boolean consumer(String identity) {
        return known.consumers().admit(identity);
    }

    @Override
    public Set<String> sideOf(String identity) {
        return known.sides().getOrDefault(identity, Set.of());
    }

    @Override
    public Optional<String> bearer(String token) {
        return Optional.ofNullable(known.bearers().get(digest(token)));
    }

    private static Known of(Config config) {
        Map<String, Set<String>> sides = new TreeMap<>();
        for (Provider provider : config.providers().values()) {
            provider.proxy()
                    .flatMap(ProviderProxy::identity)
                    .ifPresent(identity -> sides.computeIfAbsent(identity, each -> new TreeSet<>())
                            .add(provider.name()));
        }
        Map<String, String> bearers = new HashMap<>();
        for (Access.Token token : config.mesh().sidecars().access().tokens()) {
            bearers.put(digest(token.value()), token.bearer());
        }
        return new Known(config.mesh().consumers(), Map.copyOf(sides), Map.copyOf(bearers));
    }

    private static String digest(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has SHA-256
        }
    }
}
