/** The one port that sidecars and collectors talk to. */
@NullMarked
package dev.weir.xds;

import org.jspecify.annotations.NullMarked;
