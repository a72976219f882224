/** Tests of the decision core. */
@NullMarked
package dev.weir.weights;

import org.jspecify.annotations.NullMarked;
