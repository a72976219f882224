package dev.weir.control.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PrefixedLogTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final PrefixedLog log = new PrefixedLog(new PrintStream(out, true, StandardCharsets.UTF_8));

    private List<String> copied(String said) {
        log.copy("sidecar", new ByteArrayInputStream(said.getBytes(StandardCharsets.UTF_8)));
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void each_line_says_who_said_it_the_last_one_without_its_end_too() {
        assertThat(copied("one\r\n\ntwo"))
                .containsExactly("sidecar       | one", "sidecar       | ", "sidecar       | two");
    }

    @Test
    void what_is_no_text_makes_no_line_of_its_own_and_no_colour() {
        assertThat(copied("a\u001b[2Jb\u0085c\td\n")).containsExactly("sidecar       | a?[2Jb?c\td");
    }

    @Test
    void a_line_without_an_end_is_broken_and_not_kept() {
        List<String> lines = copied("x".repeat(3 * PrefixedLog.LINE + 1));
        assertThat(lines).hasSize(4).allMatch(line -> line.length() <= PrefixedLog.LINE + 16);
        assertThat(lines.stream()
                        .mapToLong(line -> line.chars().filter(c -> c == 'x').count())
                        .sum())
                .isEqualTo(3 * PrefixedLog.LINE + 1);
    }
}
