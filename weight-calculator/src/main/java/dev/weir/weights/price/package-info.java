/** Congestion and its price: what they are, and when they are published. */
@NullMarked
package dev.weir.weights.price;

import org.jspecify.annotations.NullMarked;
