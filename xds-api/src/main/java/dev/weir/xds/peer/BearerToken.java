package dev.weir.xds.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** A token in a file of its own. */
public final class BearerToken {
    public static final String EXPECTED = "a file with a token: 16 to 4096 visible ASCII characters on one line";

    private static final Pattern FORM = Pattern.compile("[!-~]{16,4096}");
    private static final int LARGEST = 8_192;

    private BearerToken() {}

    /** Whether a text can be one. */
    public static boolean valid(String token) {
        return FORM.matcher(token).matches();
    }

    /**
     * The value of the header {@code authorization}.
     *
     * @throws IllegalArgumentException when there is no token in the file; never shows what there is
     */
    public static String header(Path file) throws IOException {
        String text = Files.isRegularFile(file) && Files.size(file) <= LARGEST
                ? Files.readString(file).stripTrailing()
                : "";
        if (!valid(text)) {
            throw new IllegalArgumentException("\"" + file + "\" (expected: " + EXPECTED + ")");
        }
        return "Bearer " + text;
    }
}
