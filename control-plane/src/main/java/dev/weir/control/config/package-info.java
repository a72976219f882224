/** Configuration objects: reading, validating, reloading. */
@NullMarked
package dev.weir.control.config;

import org.jspecify.annotations.NullMarked;
