package dev.weir.control.chain;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads ABI-encoded values strictly: every offset and length is checked against what is there before anything is
 * allocated. (A general decoder believes a length word and allocates what it says.)
 */
final class AbiReader {
    private static final int WORD = 32;

    private final byte[] data;

    /** @param hex 0x and an even number of hex digits, at most {@code maxBytes} bytes */
    AbiReader(String hex, int maxBytes) throws Malformed {
        if (!hex.startsWith("0x") || hex.length() > 2 + 2L * maxBytes) {
            throw new Malformed(
                    "data: " + hex.length() + " characters (expected: 0x and at most " + maxBytes + " bytes)");
        }
        try {
            data = HexFormat.of().parseHex(hex, 2, hex.length());
        } catch (IllegalArgumentException e) {
            throw new Malformed("data: no hex (expected: 0x and hex digits)");
        }
    }

    /** Data that is not what its type says. */
    static final class Malformed extends Exception {
        Malformed(String message) {
            super(message, null, false, false);
        }
    }

    /** An unsigned integer of at most {@code bits} bits in the word at byte {@code at}. */
    BigInteger unsigned(int at, int bits) throws Malformed {
        BigInteger value = new BigInteger(1, bytes(at, WORD));
        if (value.bitLength() > bits) {
            throw new Malformed(
                    "integer at byte " + at + ": " + value.bitLength() + " bits (expected: at most " + bits + ")");
        }
        return value;
    }

    /** An address, 0x and 40 hex digits. */
    String address(int at) throws Malformed {
        String digits = unsigned(at, 160).toString(16);
        return "0x" + "0".repeat(40 - digits.length()) + digits;
    }

    /** 32 bytes, 0x and 64 hex digits. */
    String bytes32(int at) throws Malformed {
        return "0x" + HexFormat.of().formatHex(bytes(at, WORD));
    }

    /** A string whose offset, relative to byte {@code base}, is in the word at byte {@code at}; UTF-8, bounded. */
    String string(int at, int base, int maxBytes) throws Malformed {
        int start = offset(at, base);
        int length = small(start, maxBytes);
        byte[] bytes = bytes(start + WORD, length);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Malformed("string at byte " + start + ": no UTF-8");
        }
    }

    /** A {@code string[]} whose offset is in the word at byte {@code at}; bounded in number and length. */
    List<String> strings(int at, int maxCount, int maxBytes) throws Malformed {
        int start = offset(at, 0);
        int count = small(start, maxCount);
        List<String> all = new ArrayList<>(count);
        int base = start + WORD;
        for (int i = 0; i < count; i++) {
            all.add(string(base + i * WORD, base, maxBytes));
        }
        return all;
    }

    private int offset(int at, int base) throws Malformed {
        return base + small(at, data.length);
    }

    private int small(int at, int max) throws Malformed {
        BigInteger value = unsigned(at, 256);
        if (value.compareTo(BigInteger.valueOf(max)) > 0) {
            throw new Malformed("length or offset at byte " + at + ": more than " + max);
        }
        return value.intValueExact();
    }

    private byte[] bytes(int at, int length) throws Malformed {
        if (at < 0 || (long) at + length > data.length) {
            throw new Malformed(
                    "data: ends at byte " + data.length + " (expected: " + length + " bytes at " + at + ")");
        }
        byte[] part = new byte[length];
        System.arraycopy(data, at, part, 0, length);
        return part;
    }
}
