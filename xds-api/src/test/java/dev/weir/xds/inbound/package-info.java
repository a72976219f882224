@NullMarked
package dev.weir.xds.inbound;

import org.jspecify.annotations.NullMarked;
