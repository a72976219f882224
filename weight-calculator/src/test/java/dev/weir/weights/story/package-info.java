/** The core in a closed loop: what a mesh sees of it when something happens. */
@NullMarked
package dev.weir.weights.story;

import org.jspecify.annotations.NullMarked;
