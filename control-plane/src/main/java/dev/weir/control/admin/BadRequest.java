package dev.weir.control.admin;

import dev.weir.xds.PrintableText;

/** A request that is wrong; its message is the answer: {@code name: "value" (expected: ...)}. */
final class BadRequest extends Exception {
    private static final long serialVersionUID = 1;
    private static final int SHOWN = 80;

    private final int status;

    private BadRequest(int status, String message) {
        super(message);
        this.status = status;
    }

    static BadRequest parameter(String name, String value, String expected) {
        return new BadRequest(
                400,
                PrintableText.shown(name, SHOWN) + ": \"" + PrintableText.shown(value, SHOWN) + "\" (expected: "
                        + expected + ")");
    }

    static BadRequest notFound(String message) {
        return new BadRequest(404, message);
    }

    int status() {
        return status;
    }
}
