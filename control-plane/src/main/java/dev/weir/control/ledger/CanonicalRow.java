package dev.weir.control.ledger;

import dev.weir.control.ledger.Entry.Origin;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that stand for a row of the ledger wherever it is compared or signed, the same for all who hold the same row. Numbers
 * are big-endian.
 *
 * <pre>
 *   u8 version = 1, then for each column that has a value, by its name in byte order:
 *   u8 length, name in ASCII, u8 type, value:
 *     1 integer    i64
 *     2 text       u32 length, UTF-8
 *     3 truth      u8, 0 or 1
 *     4 fraction   IEEE 754 binary64
 * </pre>
 *
 * <p>A column without a value leaves nothing, so that a column which is added later changes no row that was there before. Which
 * way a row came ({@code from_file}) is no part of it.
 */
public final class CanonicalRow {
    private static final int VERSION = 1;
    private static final int INTEGER = 1;
    private static final int TEXT = 2;
    private static final int TRUTH = 3;
    private static final int FRACTION = 4;

    private CanonicalRow() {}

    /** SHA-256 of {@link #bytes}, 64 hexadecimal digits in lower case. */
    public static String digest(Ledger.Row row) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes(row)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256: missing (expected: part of every Java)", e);
        }
    }

    static byte[] bytes(Ledger.Row row) {
        Entry entry = new Entry(row.record(), row.value(), row.fromFile() ? Origin.FILE : Origin.STREAM);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        DataOutputStream out = new DataOutputStream(bytes);
        try {
            out.writeByte(VERSION);
            for (Column<?> column : RecordColumns.CANONICAL) {
                write(out, column.name(), column.written().apply(entry));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory has no faults
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, String name, @Nullable Object value) throws IOException {
        if (value == null) {
            return;
        }
        byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
        out.writeByte(ascii.length);
        out.write(ascii);
        if (value instanceof Long || value instanceof Integer) {
            out.writeByte(INTEGER);
            out.writeLong(((Number) value).longValue());
        } else if (value instanceof Boolean truth) {
            out.writeByte(TRUTH);
            out.writeBoolean(truth);
        } else if (value instanceof Double fraction) {
            out.writeByte(FRACTION);
            out.writeDouble(fraction);
        } else if (value instanceof String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            out.writeByte(TEXT);
            out.writeInt(utf8.length);
            out.write(utf8);
        } else {
            throw new IllegalStateException(
                    "column " + name + ": " + value.getClass() + " (expected: integer, text, truth or fraction)");
        }
    }
}
