/** Tests of {@code price}. */
@NullMarked
package dev.weir.weights.price;

import org.jspecify.annotations.NullMarked;
