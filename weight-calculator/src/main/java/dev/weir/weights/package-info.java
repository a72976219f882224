/** The decision core. {@link dev.weir.weights.Calculator} is its one door. No I/O, no clock, no randomness, no threads. */
@NullMarked
package dev.weir.weights;

import org.jspecify.annotations.NullMarked;
