/** Overflow: work that found no room waits in line, its money in escrow. */
@NullMarked
package dev.weir.weights.escrow;

import org.jspecify.annotations.NullMarked;
