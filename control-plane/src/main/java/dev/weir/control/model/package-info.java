/** What the rest of the application shares: configuration, declarations, decisions. Immutable records, no behaviour beyond their own checks. */
@NullMarked
package dev.weir.control.model;

import org.jspecify.annotations.NullMarked;
