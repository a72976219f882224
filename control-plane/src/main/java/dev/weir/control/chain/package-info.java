/** What providers declared on-chain. */
@NullMarked
package dev.weir.control.chain;

import org.jspecify.annotations.NullMarked;
