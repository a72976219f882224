/** What both modules, Envoy and its scripts must spell alike: names of headers, metadata, clusters and facts. */
@NullMarked
package dev.weir.xds.wire;

import org.jspecify.annotations.NullMarked;
