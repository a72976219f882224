package dev.weir.control.loop;

import dev.weir.control.model.Config;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Declarations.Declaration;
import dev.weir.control.model.Provider.Capacity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Declarations from the configuration itself: {@code capacity.source: file}. Every provider has one: what it does not say is
 * learnt.
 */
public final class FileDeclarations {
    private FileDeclarations() {}

    /** What {@code config}'s providers declare, as of {@code nowMillis}. */
    public static Declarations of(Config config, long nowMillis) {
        Map<String, Declaration> byProvider = new HashMap<>();
        config.providers()
                .forEach((name, provider) -> byProvider.put(
                        name,
                        new Declaration(
                                name,
                                provider.declared()
                                        .map(Capacity::workUnitsPerSecond)
                                        .orElse(0.0),
                                provider.declared().map(Capacity::slots).orElse(0),
                                List.of(),
                                Optional.empty(),
                                Optional.empty())));
        return new Declarations(Declarations.FILE, byProvider, Optional.empty(), nowMillis, Optional.empty());
    }
}
