/** Real peers for tests, shared with the other modules by the test jar. */
@NullMarked
package dev.weir.xds.testing;

import org.jspecify.annotations.NullMarked;
