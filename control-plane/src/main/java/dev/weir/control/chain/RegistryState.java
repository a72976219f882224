package dev.weir.control.chain;

import dev.weir.control.model.Declarations.Declaration;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The registry after some block. Applying a block's events gives what takes them back. Not thread-safe. */
final class RegistryState {
    /** Anyone may register; this bounds what strangers can make us hold (about 1 KB each). */
    static final int MAX_PROVIDERS = 10_000;

    private final Map<String, RegisteredProvider> byId = new HashMap<>();
    private long refused;

    /** What providers were before a block, by id; empty = not registered. */
    record Undo(Map<String, Optional<RegisteredProvider>> before) {
        static final Undo NOTHING = new Undo(Map.of());
    }

    Undo apply(List<RegistryEvent> events) {
        if (events.isEmpty()) {
            return Undo.NOTHING;
        }
        Map<String, Optional<RegisteredProvider>> before = new HashMap<>();
        for (RegistryEvent event : events) {
            Optional<RegisteredProvider> old = Optional.ofNullable(byId.get(event.id()));
            Optional<RegisteredProvider> next = event instanceof RegistryEvent.Registered registered
                    ? register(registered, old)
                    : old.map(provider -> change(provider, event));
            if (next.isEmpty()) {
                refused++;
                continue;
            }
            before.putIfAbsent(event.id(), old);
            byId.put(event.id(), next.get());
        }
        return new Undo(before);
    }

    void undo(Undo undo) {
        undo.before().forEach((id, before) -> before.ifPresentOrElse(old -> byId.put(id, old), () -> byId.remove(id)));
    }

    void clear() {
        byId.clear();
    }

    /** Events that do not fit what was there: unknown providers, second registrations, providers above the limit. */
    long refused() {
        return refused;
    }

    /** Declarations in force, by provider name. */
    Map<String, Declaration> declarations() {
        Map<String, Declaration> all = new HashMap<>();
        byId.values().forEach(p -> p.declaration().ifPresent(declaration -> all.put(p.name(), declaration)));
        return Map.copyOf(all);
    }

    /** All providers by name, in the order of their names. */
    Map<String, RegisteredProvider> providers() {
        Map<String, RegisteredProvider> all = new TreeMap<>();
        byId.values().forEach(p -> all.put(p.name(), p));
        return all;
    }

    private Optional<RegisteredProvider> register(
            RegistryEvent.Registered event, Optional<RegisteredProvider> registeredBefore) {
        if (registeredBefore.isPresent() || byId.size() >= MAX_PROVIDERS) {
            return Optional.empty();
        }
        return Optional.of(new RegisteredProvider(
                event.name(), event.owner(), event.signer(), event.endpointHash(), BigInteger.ZERO, Optional.empty()));
    }

    private static RegisteredProvider change(RegisteredProvider provider, RegistryEvent event) {
        if (event instanceof RegistryEvent.OwnerChanged e) {
            return provider.withOwner(e.owner());
        } else if (event instanceof RegistryEvent.SignerChanged e) {
            return provider.withSigner(e.signer());
        } else if (event instanceof RegistryEvent.EndpointChanged e) {
            return provider.withEndpointHash(e.endpointHash());
        } else if (event instanceof RegistryEvent.StakeChanged e) {
            return provider.withStaked(e.staked());
        } else if (event instanceof RegistryEvent.Declared e) {
            return provider.withDeclaration(Optional.of(new Declaration(
                    provider.name(),
                    e.milliUnitsPerSecond() / 1000.0,
                    e.slots(),
                    e.taskTypes(),
                    Optional.of(provider.staked().toString()),
                    Optional.of(e.block()))));
        } else if (event instanceof RegistryEvent.Withdrawn) {
            return provider.withDeclaration(Optional.empty());
        }
        return provider; // StakeWithdrawn: what is paid out had stopped to count when it was asked for
    }
}
