package dev.weir.control.testbed;

/** The demo cannot go on; the message tells its user why, in full. */
public final class TestbedFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    public TestbedFailure(String message) {
        super(message);
    }
}
