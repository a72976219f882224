/** An OpenAI-compatible provider with a real queue, for demonstration and tests. */
@NullMarked
package dev.weir.control.testbed.provider;

import org.jspecify.annotations.NullMarked;
