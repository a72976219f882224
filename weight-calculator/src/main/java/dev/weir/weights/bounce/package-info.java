/** The provider side's limits: which attempts it refuses so that they wait less elsewhere, and where its queue ends. */
@NullMarked
package dev.weir.weights.bounce;

import org.jspecify.annotations.NullMarked;
