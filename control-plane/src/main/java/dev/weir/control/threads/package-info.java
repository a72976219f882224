/** How threads of the control plane are named and guarded. */
@NullMarked
package dev.weir.control.threads;

import org.jspecify.annotations.NullMarked;
