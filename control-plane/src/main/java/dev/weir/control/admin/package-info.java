/** The admin HTTP port and its page. */
@NullMarked
package dev.weir.control.admin;

import org.jspecify.annotations.NullMarked;
