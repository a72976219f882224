/** Envoy's check of each request (ext_authz), as plain Java. */
@NullMarked
package dev.weir.xds.check;

import org.jspecify.annotations.NullMarked;
