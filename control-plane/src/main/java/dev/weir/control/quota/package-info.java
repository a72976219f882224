/** What providers say of their quotas: read, kept, and shown. */
@NullMarked
package dev.weir.control.quota;

import org.jspecify.annotations.NullMarked;
