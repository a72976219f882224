/** What the parts of the control plane say to each other. */
@NullMarked
package dev.weir.control.model;

import org.jspecify.annotations.NullMarked;
