package dev.weir.control.chain;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Followed names after some block, as far as they belong to those who may speak for them. Applying a block's events gives
 * what takes them back. Not safe for several threads.
 */
final class RegistryState {
    private final Names names;
    private final Tally tally;
    private final Map<String, RegisteredProvider> byId = new HashMap<>();

    RegistryState(Names names, Tally tally) {
        this.names = names;
        this.tally = tally;
    }

    /** What providers were before a block, by id; empty = not there. */
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
            before.putIfAbsent(event.id(), old);
            after(event, old).ifPresentOrElse(next -> byId.put(event.id(), next), () -> byId.remove(event.id()));
        }
        return new Undo(before);
    }

    void undo(Undo undo) {
        undo.before().forEach((id, before) -> before.ifPresentOrElse(old -> byId.put(id, old), () -> byId.remove(id)));
    }

    void clear() {
        byId.clear();
    }

    /** The providers that are there, by id. */
    Map<String, RegisteredProvider> byId() {
        return Map.copyOf(byId);
    }

    private Optional<RegisteredProvider> after(RegistryEvent event, Optional<RegisteredProvider> old) {
        if (event instanceof RegistryEvent.Registered e) {
            if (old.isPresent()) {
                tally.refusedLogs++; // the contract takes a name once
                return old;
            }
            return arrived(e.id(), e.owner(), BigInteger.ZERO);
        } else if (event instanceof RegistryEvent.OwnerChanged e) {
            return arrived(e.id(), e.owner(), e.staked());
        } else if (event instanceof RegistryEvent.Released) {
            return Optional.empty();
        }
        return old.flatMap(provider -> change(provider, event)); // what was said before a name came is another's word
    }

    private Optional<RegisteredProvider> arrived(String id, String owner, BigInteger staked) {
        Names.Bound bound = names.bound(id);
        return bound != null && names.binds(id, owner)
                ? Optional.of(new RegisteredProvider(bound.name(), staked, Optional.empty(), Optional.empty()))
                : Optional.empty();
    }

    private static Optional<RegisteredProvider> change(RegisteredProvider provider, RegistryEvent event) {
        if (event instanceof RegistryEvent.StakeChanged e) {
            return Optional.of(provider.withStaked(e.staked()));
        } else if (event instanceof RegistryEvent.Declared e) {
            return Optional.of(provider.withDeclared(Optional.of(e)));
        } else if (event instanceof RegistryEvent.Unreadable e) {
            boolean gone = e.kind() == EventDecoder.Kind.OWNER || e.kind() == EventDecoder.Kind.RELEASED;
            return gone ? Optional.empty() : Optional.of(provider.unreadable(e.kind(), e.block()));
        }
        return Optional.of(provider.withDeclared(Optional.empty())); // Withdrawn, the only one left
    }
}
