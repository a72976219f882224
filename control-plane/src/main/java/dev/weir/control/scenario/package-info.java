/** Meshes to be simulated: read from YAML, or inferred from recorded calls. */
@NullMarked
package dev.weir.control.scenario;

import org.jspecify.annotations.NullMarked;
