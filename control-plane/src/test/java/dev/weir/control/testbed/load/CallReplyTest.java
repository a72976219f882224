package dev.weir.control.testbed.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class CallReplyTest {
    private static final String LAST =
            "data: {\"choices\":[{\"delta\":{}}],\"demo\":{\"provider\":\"a\",\"service_micros\":1500}}\n\n";

    @Test
    void reads_a_whole_answer() {
        CallReply reply = CallReply.parse(
                "{\"choices\":[{}],\"usage\":{\"total_tokens\":12},\"demo\":{\"provider\":\"a\",\"service_micros\":1500}}",
                false);
        assertThat(reply).isEqualTo(new CallReply("a", 1_500_000, 12, Optional.empty()));
    }

    @Test
    void reads_a_stream_with_and_without_the_usage_chunk() {
        String usage = "data: {\"choices\":[],\"usage\":{\"total_tokens\":12}}\n\n";
        assertThat(CallReply.parse(LAST + usage + "data: [DONE]\n\n", true))
                .isEqualTo(new CallReply("a", 1_500_000, 12, Optional.empty()));
        assertThat(CallReply.parse(LAST + "data: [DONE]\n\n", true))
                .isEqualTo(new CallReply("a", 1_500_000, 0, Optional.empty()));
    }

    @Test
    void a_stream_that_was_cut_or_a_body_that_is_none_is_no_answer() {
        assertThat(CallReply.parse(LAST, true).problem()).isPresent();
        assertThat(CallReply.parse("", true).problem()).isPresent();
        assertThat(CallReply.parse("", false).problem()).isPresent();
        assertThat(CallReply.parse("{\"choices\":", false).problem()).isPresent();
        assertThat(CallReply.parse("{\"error\":{}}", false).problem()).isPresent();
    }

    @Test
    void counts_headers_that_are_missing_unreadable_or_untrue() {
        HttpHeaders headers = new DefaultHttpHeaders()
                .set("weir-provider", "a")
                .set("weir-price", "100")
                .set("weir-price-epoch", "1")
                .set("weir-epoch", "1.1")
                .set("weir-congestion", "60")
                .set("weir-attempts", "1")
                .set("x-request-id", "id");
        assertThat(SeenHeaders.of(headers)).isEqualTo(new SeenHeaders("a", "id", 1, 100, "1.1", 60, -1, 0));
        assertThat(SeenHeaders.of(headers).checkedAgainst("a").missing()).isZero();
        assertThat(SeenHeaders.of(headers).checkedAgainst("b").missing()).isEqualTo(1);
        assertThat(SeenHeaders.of(headers.copy().set("weir-price", "-")).missing())
                .isEqualTo(1);
        assertThat(SeenHeaders.of(headers.copy().set("weir-congestion", "101")).missing())
                .isEqualTo(1);
        for (String name : SeenHeaders.NAMES) {
            assertThat(SeenHeaders.of(headers.copy().remove(name)).missing()).isEqualTo(1);
        }
        assertThat(SeenHeaders.of(new DefaultHttpHeaders()).missing()).isEqualTo(7);
    }
}
