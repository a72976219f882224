/** A checker of what was written down against what was seen. */
@NullMarked
package dev.weir.control.history;

import org.jspecify.annotations.NullMarked;
