/** What calls used: what providers claim, what of it can be, and what is assumed where nobody says. */
@NullMarked
package dev.weir.control.usage;

import org.jspecify.annotations.NullMarked;
