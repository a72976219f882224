package dev.weir.control.demo;

/** The demo cannot go on; the message tells its user why, in full. */
public final class DemoFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    DemoFailure(String message) {
        super(message);
    }
}
