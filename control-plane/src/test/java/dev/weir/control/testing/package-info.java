/** Fixtures shared by the tests of this module. */
@NullMarked
package dev.weir.control.testing;

import org.jspecify.annotations.NullMarked;
