@NullMarked
package dev.weir.bench.check;

import org.jspecify.annotations.NullMarked;
