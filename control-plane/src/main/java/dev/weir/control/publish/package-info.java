/** Publishers: what is done with a released decision. */
@NullMarked
package dev.weir.control.publish;

import org.jspecify.annotations.NullMarked;
