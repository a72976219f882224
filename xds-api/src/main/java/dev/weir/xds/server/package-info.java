/** The one port that sidecars and collectors talk to: sockets, bounds, health, shutdown. */
@NullMarked
package dev.weir.xds.server;

import org.jspecify.annotations.NullMarked;
