/** A released decision as Envoy resources: what consumer sidecars and providers' proxies are given. Knows the model, the core and the protocol, nothing else. */
@NullMarked
package dev.weir.control.envoy;

import org.jspecify.annotations.NullMarked;
