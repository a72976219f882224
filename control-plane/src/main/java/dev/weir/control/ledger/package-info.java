/** One row per attempt and per call. */
@NullMarked
package dev.weir.control.ledger;

import org.jspecify.annotations.NullMarked;
