/** The split: water level, block coordinate descent, whole weights, predicted delay. Arrays in, arrays out. */
@NullMarked
package dev.weir.weights.split;

import org.jspecify.annotations.NullMarked;
