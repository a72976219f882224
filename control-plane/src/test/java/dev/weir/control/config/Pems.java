package dev.weir.control.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Certificates of authorities that nobody has the key of: {@code one}, {@code two} and {@code ended}, valid no more. */
final class Pems {
    private Pems() {}

    static String text(String name) {
        try (InputStream in = Pems.class.getResourceAsStream(name + ".pem")) {
            if (in == null) {
                throw new IllegalStateException(name + ".pem");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
