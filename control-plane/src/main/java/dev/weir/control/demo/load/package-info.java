/** Open-loop load and the statistics of what came back. */
@NullMarked
package dev.weir.control.demo.load;

import org.jspecify.annotations.NullMarked;
