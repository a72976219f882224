package dev.weir.control.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page shows what clients sent; nothing in it may make markup of text, and nothing comes from elsewhere. */
final class PageTest {
    private final Page page = Page.load();
    private final String html = new String(page.reply().body(), StandardCharsets.UTF_8);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "Function(",
                "srcdoc",
                "createContextualFragment",
                "DOMParser",
                "parseFromString",
                "setHTML",
                "javascript:",
                "import("
            })
    void no_script_turns_text_into_markup_or_code(String sink) {
        assertThat(html).doesNotContain(sink);
    }

    @Test
    void no_attribute_holds_a_handler_or_a_style() {
        assertThat(Pattern.compile("<[^>]+\\s(on[a-z]+|style)\\s*=")
                        .matcher(html)
                        .results()
                        .map(m -> m.group()))
                .isEmpty();
    }

    @Test
    void nothing_is_loaded_from_anywhere_else() {
        assertThat(html).doesNotContain("<link", "@import", "url(", " src=");
        assertThat(Pattern.compile("https?://[^\"' )]*").matcher(html).results().map(m -> m.group()))
                .containsOnly("http://www.w3.org/2000/svg");
    }

    @Test
    void the_policy_allows_exactly_the_scripts_and_the_style_that_are_in_the_page() throws Exception {
        assertThat(page.policy())
                .contains("default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'")
                .contains("script-src '" + digest("script") + "'", "style-src '" + digest("style") + "'")
                .doesNotContain("unsafe");
    }

    @Test
    void every_part_is_filled_in() {
        assertThat(html)
                .doesNotContain("/*style*/", "/*scripts*/")
                .contains("class Chart", "class PoolCard", ".card {");
    }

    private String digest(String tag) throws Exception {
        Matcher inside = Pattern.compile("<" + tag + ">(.*?)</" + tag + ">", Pattern.DOTALL)
                .matcher(html);
        assertThat(inside.find()).isTrue();
        byte[] hash =
                MessageDigest.getInstance("SHA-256").digest(inside.group(1).getBytes(StandardCharsets.UTF_8));
        assertThat(inside.find()).isFalse();
        return "sha256-" + Base64.getEncoder().encodeToString(hash);
    }
}
