/**
 * {@code weir collect}: brings a sidecar's file log, the record of truth, to the control plane, and frees its space. Runs
 * beside the sidecar, knows nothing of the control plane but one gRPC method.
 */
@NullMarked
package dev.weir.control.collect;

import org.jspecify.annotations.NullMarked;
