/** The governed pick: grants, their ends, and the requests that wait for room. */
@NullMarked
package dev.weir.control.pick;

import org.jspecify.annotations.NullMarked;
