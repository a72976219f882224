/** Builders for what the Envoy types of this API version lack. */
@NullMarked
package dev.weir.xds.resource;

import org.jspecify.annotations.NullMarked;
