/** Tests of {@code estimate}. */
@NullMarked
package dev.weir.weights.estimate;

import org.jspecify.annotations.NullMarked;
