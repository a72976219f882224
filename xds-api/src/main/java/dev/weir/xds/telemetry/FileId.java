package dev.weir.xds.telemetry;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a sidecar's log file is called between collector and storage: its inode, and a digest of its first line (which holds a
 * request id and a time), since an inode is used again once its file is gone. {@code .N} follows where a file with the same
 * first line is delivered again.
 */
public final class FileId {
    /** Bytes of a longer first line that count. */
    public static final int HEAD_BYTES = 4_096;

    static final String EXPECTED = "INODE-DIGEST, 32 hex digits of the SHA-256 of the file's first line";

    private static final int DIGEST_BYTES = 16;
    private static final Pattern FORM = Pattern.compile("[0-9]{1,20}-([0-9a-f]{32})(\\.[0-9]{1,9})?");

    private FileId() {}

    /**
     * The name of a file that begins so; empty while the first line is not whole.
     *
     * @param head at most {@link #HEAD_BYTES}, as much of it as there is
     */
    public static Optional<String> of(long inode, ByteBuffer head) {
        int end = firstLine(head);
        return end == head.remaining() && end < HEAD_BYTES
                ? Optional.empty()
                : Optional.of(inode + "-" + digest(head, end));
    }

    /** Whether a text can be such a name. */
    static boolean valid(String id) {
        return FORM.matcher(id).matches();
    }

    /** Whether a file of this name can begin with {@code lines}. */
    static boolean begins(String id, ByteString lines) {
        Matcher form = FORM.matcher(id);
        ByteBuffer head = lines.asReadOnlyByteBuffer();
        head.limit(Math.min(head.limit(), HEAD_BYTES));
        return form.matches() && form.group(1).equals(digest(head, firstLine(head)));
    }

    private static int firstLine(ByteBuffer head) {
        int end = 0;
        while (end < head.remaining() && head.get(head.position() + end) != '\n') {
            end++;
        }
        return end;
    }

    private static String digest(ByteBuffer head, int end) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(head.slice(head.position(), end));
            return HexFormat.of().formatHex(digest.digest(), 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
