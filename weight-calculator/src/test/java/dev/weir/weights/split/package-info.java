/** Tests of {@code split}. */
@NullMarked
package dev.weir.weights.split;

import org.jspecify.annotations.NullMarked;
