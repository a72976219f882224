/** What is believed of pools and providers: demand, trusted capacity, silence, return. */
@NullMarked
package dev.weir.weights.estimate;

import org.jspecify.annotations.NullMarked;
