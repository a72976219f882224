package dev.weir.control.chain;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.web3j.crypto.Hash;

/**
 * The names that are followed, and who may speak for each. What anybody else does on the chain is nobody's word.
 *
 * @param byId by the provider's id, keccak256 of its name
 */
record Names(Map<String, Bound> byId) {
    Names {
        byId = Map.copyOf(byId);
    }

    /** @param owner 0x and 40 lower-case hex digits */
    record Bound(String name, String owner) {}

    /** @param owners by provider name */
    static Names of(Map<String, String> owners) {
        Map<String, Bound> byId = new HashMap<>();
        owners.forEach((name, owner) -> byId.put(Hash.sha3String(name), new Bound(name, owner)));
        return new Names(byId);
    }

    /** Whether {@code owner} is the one who may speak for {@code id}. */
    boolean binds(String id, String owner) {
        Bound bound = byId.get(id);
        return bound != null && bound.owner().equals(owner);
    }

    @Nullable
    Bound bound(String id) {
        return byId.get(id);
    }

    List<String> ids() {
        return byId.keySet().stream().sorted().toList();
    }
}
