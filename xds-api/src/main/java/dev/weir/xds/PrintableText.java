package dev.weir.xds;

/** Text from outside: whether it may be a name here, and how a message shows it. Printable is ASCII from {@code !} to {@code ~}. */
public final class PrintableText {
    private static final int MAX_NODE_ID = 256;

    /** What {@link #isNodeId} expects, in the words of a refusal. */
    public static final String NODE_ID = name(MAX_NODE_ID);

    private PrintableText() {}

    /** Whether all of it is printable. */
    public static boolean is(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) <= ' ' || text.charAt(i) > '~') {
                return false;
            }
        }
        return true;
    }

    /** Whether it can stand in a log line, a metric and a database key: 1 to {@code max} printable characters. */
    public static boolean isName(String text, int max) {
        return !text.isEmpty() && text.length() <= max && is(text);
    }

    /** What {@link #isName} expects, in the words of a refusal. */
    public static String name(int max) {
        return "1-" + max + " printable ASCII characters";
    }

    /** Whether it can be the id of a sidecar. */
    public static boolean isNodeId(String text) {
        return isName(text, MAX_NODE_ID);
    }

    /** The first {@code max} characters and, if there are more, three dots; what is neither printable nor a space is a question mark. */
    public static String shown(String text, int max) {
        StringBuilder shown = new StringBuilder(text.length() <= max ? text : text.substring(0, max) + "...");
        for (int i = 0; i < shown.length(); i++) {
            if (shown.charAt(i) < ' ' || shown.charAt(i) > '~') {
                shown.setCharAt(i, '?');
            }
        }
        return shown.toString();
    }
}
