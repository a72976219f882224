/** Evidence against providers: claims of capacity that they do not keep. */
@NullMarked
package dev.weir.weights.detect;

import org.jspecify.annotations.NullMarked;
