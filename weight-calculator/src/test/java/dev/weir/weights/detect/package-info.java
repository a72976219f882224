/** Tests of {@code detect}. */
@NullMarked
package dev.weir.weights.detect;

import org.jspecify.annotations.NullMarked;
