@NullMarked
package dev.weir.control.scenario;

import org.jspecify.annotations.NullMarked;
