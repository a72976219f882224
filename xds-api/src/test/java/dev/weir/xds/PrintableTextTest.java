package dev.weir.xds;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTextTest {
    @Test
    void a_name_is_printable_ascii_without_spaces_and_within_its_length() {
        assertThat(PrintableText.isName("!a~", 3)).isTrue();
        assertThat(PrintableText.isName("abcd", 3)).isFalse();
        assertThat(PrintableText.isName("", 3)).isFalse();
        for (String other :
                new String[] {"a b", "a\tb", "a\nb", "a\u007f", "\u00e9", "\u0000", "\ud83d\ude00", "a\u202e"}) {
            assertThat(PrintableText.isName(other, 100)).as(other).isFalse();
        }
        assertThat(PrintableText.name(3)).isEqualTo("1-3 printable ASCII characters");
    }

    @Test
    void a_nodes_id_has_256_characters_at_most() {
        assertThat(PrintableText.isNodeId("n".repeat(256))).isTrue();
        assertThat(PrintableText.isNodeId("n".repeat(257))).isFalse();
        assertThat(PrintableText.NODE_ID).isEqualTo("1-256 printable ASCII characters");
    }

    @Test
    void what_a_message_shows_is_short_and_moves_no_terminal() {
        assertThat(PrintableText.shown("a b", 3)).isEqualTo("a b");
        assertThat(PrintableText.shown("abcd", 3)).isEqualTo("abc...");
        assertThat(PrintableText.shown("\u001b[2J\n\u009b\u00e9", 64)).isEqualTo("?[2J???");
    }
}
