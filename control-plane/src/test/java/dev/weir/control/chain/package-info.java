/** Tests of the chain package and its fakes. */
@NullMarked
package dev.weir.control.chain;

import org.jspecify.annotations.NullMarked;
