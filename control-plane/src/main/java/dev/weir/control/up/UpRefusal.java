package dev.weir.control.up;

/** Nothing was started; the message says why, with what was expected. */
public final class UpRefusal extends Exception {
    private static final long serialVersionUID = 1;

    public UpRefusal(String message) {
        super(message);
    }
}
