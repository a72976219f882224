/** Benchmarks: one command per subject, each compared with its figures. */
@NullMarked
package dev.weir.bench;

import org.jspecify.annotations.NullMarked;
