/** How much of what peers send may be in memory at once, and who waits when it is too much. */
@NullMarked
package dev.weir.xds.inbound;

import org.jspecify.annotations.NullMarked;
