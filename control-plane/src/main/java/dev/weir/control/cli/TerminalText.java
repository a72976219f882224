package dev.weir.control.cli;

/** Text that goes to a terminal although another process sent it. */
final class TerminalText {
    private TerminalText() {}

    /** One line, without control characters. */
    static String of(String line) {
        StringBuilder out = new StringBuilder();
        line.codePoints().forEach(c -> out.appendCodePoint(Character.isISOControl(c) ? '?' : c));
        return out.toString();
    }
}
