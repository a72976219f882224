/** Quotas of providers as capacity: what is left, and at which pace it may be spent. */
@NullMarked
package dev.weir.weights.quota;

import org.jspecify.annotations.NullMarked;
