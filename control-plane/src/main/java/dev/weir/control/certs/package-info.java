/** Certificates for a mesh of one's own: an authority, and the files that its members read. */
@NullMarked
package dev.weir.control.certs;

import org.jspecify.annotations.NullMarked;
