package dev.weir.control.chain;

import dev.weir.control.model.Declarations.Block;
import java.util.Optional;

/**
 * A transaction that is in a block and succeeded.
 *
 * @param contract the contract that it created
 */
public record Receipt(String transaction, Block block, long gasUsed, Optional<String> contract) {}
