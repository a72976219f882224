@NullMarked
package dev.weir.control.threads;

import org.jspecify.annotations.NullMarked;
