package dev.weir.control.collect;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Lines as a sidecar writes them, each of 18 tokens and another call. */
public final class LogLines {
    static final int TOKENS = 18;

    private LogLines() {}

    static String call(String id) {
        return """
                {"type":"DownstreamEnd","id":"%s","attempt":1,"start":"1795505199.894592","duration_ms":26,"end_us":26937,\
                "first_byte_us":26926,"pool":"chat","epoch":"3.17","provider":"a","price":120,"price_epoch":17,"status":200,\
                "details":"via_upstream","flags":"-","method":"POST","path":"/v1/chat/completions","model":"m","stream":true,\
                "prompt_tokens":11,"completion_tokens":7,"total_tokens":18,"cached_tokens":null,"bytes_received":86,\
                "bytes_sent":76}
                """.formatted(id);
    }

    public static String calls(String prefix, int count) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append(call(prefix + i));
        }
        return lines.toString();
    }

    public static void append(Path file, String text) {
        try {
            Files.write(
                    file, text.getBytes(StandardCharsets.UTF_8), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
