package dev.weir.control.config;

/**
 * One object that is right in itself.
 *
 * @param key what it is
 * @param source where it was written
 * @param value a {@code Mesh}, {@code Provider} or {@code Pool}
 */
record ConfigObject(ObjectKey key, Source source, Object value) {}
