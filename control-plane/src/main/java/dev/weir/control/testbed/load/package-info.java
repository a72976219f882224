/** Open-loop load and the statistics of what came back. */
@NullMarked
package dev.weir.control.testbed.load;

import org.jspecify.annotations.NullMarked;
