/** What every part of the protocol uses: how messages are read safely, and a log that strangers cannot flood. */
@NullMarked
package dev.weir.xds;

import org.jspecify.annotations.NullMarked;
