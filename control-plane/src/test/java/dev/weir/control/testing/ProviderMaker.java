package dev.weir.control.testing;

import dev.weir.control.model.Provider;
import dev.weir.control.model.Provider.Capacity;
import dev.weir.control.model.Provider.Credentials;
import dev.weir.control.model.Provider.Endpoint;
import dev.weir.control.model.Provider.OnChain;
import dev.weir.control.model.Provider.Tls;
import dev.weir.control.model.Provider.Usage;
import dev.weir.control.model.ProviderProxy;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Makes providers for tests: plain text, without credentials, capacity, sidecar, but for what is said otherwise. */
public final class ProviderMaker {
    private final String name;
    private Endpoint endpoint;
    private Optional<Credentials> credentials = Optional.empty();
    private Optional<Capacity> declared = Optional.empty();
    private Optional<ProviderProxy> proxy = Optional.empty();
    private Usage usage = Usage.ASKED;
    private Optional<OnChain> chain = Optional.empty();
    private boolean drain;

    private ProviderMaker(String name, Endpoint endpoint) {
        this.name = name;
        this.endpoint = endpoint;
    }

    public static ProviderMaker provider(String name, String host, int port) {
        return new ProviderMaker(name, new Endpoint(host, port, Optional.empty()));
    }

    /** The same as {@code provider}. */
    public static ProviderMaker like(Provider provider) {
        ProviderMaker maker = new ProviderMaker(provider.name(), provider.endpoint());
        maker.credentials = provider.credentials();
        maker.declared = provider.declared();
        maker.proxy = provider.proxy();
        maker.usage = provider.usage();
        maker.chain = provider.chain();
        maker.drain = provider.drain();
        return maker;
    }

    public ProviderMaker host(String host) {
        endpoint = new Endpoint(host, endpoint.port(), endpoint.tls(), endpoint.base(), endpoint.query());
        return this;
    }

    public ProviderMaker tls(Tls tls) {
        endpoint = new Endpoint(endpoint.host(), endpoint.port(), Optional.of(tls), endpoint.base(), endpoint.query());
        return this;
    }

    /** By a URL with this path. */
    public ProviderMaker base(String path) {
        endpoint = new Endpoint(endpoint.host(), endpoint.port(), endpoint.tls(), Optional.of(path), endpoint.query());
        return this;
    }

    public ProviderMaker query(Map<String, String> parameters) {
        endpoint = new Endpoint(endpoint.host(), endpoint.port(), endpoint.tls(), endpoint.base(), parameters);
        return this;
    }

    public ProviderMaker credentials(String header, String value) {
        credentials = Optional.of(new Credentials(header, value));
        return this;
    }

    public ProviderMaker declared(double workUnitsPerSecond, int slots) {
        declared = Optional.of(new Capacity(workUnitsPerSecond, slots));
        return this;
    }

    /** Behind a sidecar without an identity. */
    public ProviderMaker behind(String host, int port) {
        return behind(new ProviderProxy(host, port, 0.5, Duration.ofSeconds(2), Optional.empty(), false));
    }

    public ProviderMaker behind(ProviderProxy sidecar) {
        proxy = Optional.of(sidecar);
        return this;
    }

    /** Never asked for the usage of streams. */
    public ProviderMaker unasked() {
        usage = Usage.NEVER;
        return this;
    }

    public ProviderMaker drain(boolean value) {
        drain = value;
        return this;
    }

    public Provider make() {
        return new Provider(name, endpoint, credentials, declared, proxy, usage, chain, drain);
    }
}
