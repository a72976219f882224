/** The database: connection, schema, decisions. */
@NullMarked
package dev.weir.control.store;

import org.jspecify.annotations.NullMarked;
