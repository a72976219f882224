/** What a request passes before it goes on: stages in their order, and what they reserve for it. */
@NullMarked
package dev.weir.control.admission;

import org.jspecify.annotations.NullMarked;
