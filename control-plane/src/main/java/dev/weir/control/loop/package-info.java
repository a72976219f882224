/** The control loop: the inbox, the one thread that owns all mutable state, the decisions. */
@NullMarked
package dev.weir.control.loop;

import org.jspecify.annotations.NullMarked;
