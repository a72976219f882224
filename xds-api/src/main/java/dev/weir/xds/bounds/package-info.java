/** Bounds on the bytes that peers send, and on those that are sent to who reads slowly; who waits when it is too much. */
@NullMarked
package dev.weir.xds.bounds;

import org.jspecify.annotations.NullMarked;
