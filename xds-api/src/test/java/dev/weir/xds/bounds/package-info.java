@NullMarked
package dev.weir.xds.bounds;

import org.jspecify.annotations.NullMarked;
