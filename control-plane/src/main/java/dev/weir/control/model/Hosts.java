package dev.weir.control.model;

import dev.weir.xds.wire.ClusterName;
import java.util.Map;
import java.util.TreeMap;

/** The host names that a configuration needs addresses of. */
public final class Hosts {
    private Hosts() {}

    /** Host names of a configuration, by the keys of {@link Image#addresses}. */
    public static Map<String, String> of(Config config) {
        Map<String, String> hosts = new TreeMap<>();
        config.providers().values().forEach(provider -> hosts.putAll(of(provider)));
        return hosts;
    }

    /** Host names of one provider: what consumers call, and the endpoint where a side is before it. */
    public static Map<String, String> of(Provider provider) {
        return provider.proxy()
                .map(side -> Map.of(
                        provider.name(),
                        side.host(),
                        ClusterName.firstAttempts(provider.name()),
                        provider.endpoint().host()))
                .orElseGet(() -> Map.of(provider.name(), provider.endpoint().host()));
    }
}
