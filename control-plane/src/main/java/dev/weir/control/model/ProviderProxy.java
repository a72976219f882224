package dev.weir.control.model;

import java.time.Duration;
import java.util.Optional;

/**
 * The sidecar before a provider, or the egress gateway to it. Consumers call it without the provider's credentials, on
 * loopback in plain text and elsewhere with certificates at both ends; it calls the endpoint, and refuses what would wait
 * too long.
 *
 * @param host {@code sidecar.host}, as {@code endpoint.host}
 * @param port {@code sidecar.port}, 1-65535
 * @param margin {@code spec.bounce.margin}, 0-10, default 0.5: a first attempt is refused when more than this times the
 *     square root of its slots wait beyond what the pool's other providers have waiting
 * @param maxWait {@code spec.bounce.maxWait}, 10 ms - 10 min, default 2 s: no attempt is taken that would wait longer
 * @param identity {@code sidecar.identity}, the SPIFFE id or DNS name in its certificate: who alone may ask the control
 *     plane as this provider's side, and whom consumers take for it; empty = anybody, where sidecars prove nothing
 * @param insecure {@code sidecar.insecure: true}: plain text wherever it listens
 */
public record ProviderProxy(
        String host, int port, double margin, Duration maxWait, Optional<String> identity, boolean insecure) {
    /** Whom consumers' connections must prove to lead to; empty = plain text. */
    public Optional<String> proven() {
        return insecure || Loopback.is(host) ? Optional.empty() : identity;
    }
}
