/** Discovery delivery: what Envoy sidecars are sent, and what they acknowledged or refused. */
@NullMarked
package dev.weir.xds.delivery;

import org.jspecify.annotations.NullMarked;
