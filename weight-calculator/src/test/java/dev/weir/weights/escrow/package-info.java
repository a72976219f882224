/** Tests of {@code escrow}. */
@NullMarked
package dev.weir.weights.escrow;

import org.jspecify.annotations.NullMarked;
