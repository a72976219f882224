/** A mesh on one machine: processes, ports and clients that the demo, the benchmarks and tests are made of. */
@NullMarked
package dev.weir.control.testbed;

import org.jspecify.annotations.NullMarked;
