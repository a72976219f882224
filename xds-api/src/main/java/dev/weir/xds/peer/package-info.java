/** Who speaks on a call, how that is proved, and what it may say. */
@NullMarked
package dev.weir.xds.peer;

import org.jspecify.annotations.NullMarked;
