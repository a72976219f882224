/** Load reports and access logs in, immutable records out. */
@NullMarked
package dev.weir.xds.telemetry;

import org.jspecify.annotations.NullMarked;
