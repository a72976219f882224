/** The choice of a provider for one request, with its bookkeeping. */
@NullMarked
package dev.weir.weights.pick;

import org.jspecify.annotations.NullMarked;
