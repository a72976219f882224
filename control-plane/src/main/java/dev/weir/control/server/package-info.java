/** The composition root: the parts are made and wired here, and nowhere else. */
@NullMarked
package dev.weir.control.server;

import org.jspecify.annotations.NullMarked;
