package dev.weir.control.loop;

import dev.weir.control.model.Config;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Declarations.Declaration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Declarations from the configuration itself: {@code capacity.source: file}. */
public final class FileDeclarations {
    private FileDeclarations() {}

    /** What {@code config}'s providers declare, as of {@code nowMillis}. */
    public static Declarations of(Config config, long nowMillis) {
        Map<String, Declaration> byProvider = new HashMap<>();
        config.providers()
                .forEach((name, provider) -> provider.declared()
                        .ifPresent(capacity -> byProvider.put(
                                name,
                                new Declaration(
                                        name,
                                        capacity.workUnitsPerSecond(),
                                        capacity.slots(),
                                        List.of(),
                                        Optional.empty(),
                                        Optional.empty()))));
        return new Declarations("file", byProvider, Optional.empty(), nowMillis, Optional.empty());
    }
}
