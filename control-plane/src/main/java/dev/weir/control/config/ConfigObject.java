package dev.weir.control.config;

/**
 * One object that is right in itself.
 *
 * @param key what it is
 * @param source where it was written
 * @param value {@code Config.Mesh}, {@code Config.Provider} or {@code Config.Pool}
 */
record ConfigObject(ObjectKey key, Source source, Object value) {}
