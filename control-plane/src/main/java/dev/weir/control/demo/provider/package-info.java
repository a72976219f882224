/** An OpenAI-compatible provider with a real queue, for demonstration and tests. */
@NullMarked
package dev.weir.control.demo.provider;

import org.jspecify.annotations.NullMarked;
