/** The demo: a whole mesh on one machine. */
@NullMarked
package dev.weir.control.demo;

import org.jspecify.annotations.NullMarked;
