package dev.weir.xds.telemetry;

import static dev.weir.xds.wire.LimitHeader.LIMIT_REQUESTS;
import static dev.weir.xds.wire.LimitHeader.RESET_REQUESTS;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.xds.telemetry.AccessRecord.GrantFacts;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import dev.weir.xds.testing.RecordMaker;
import dev.weir.xds.wire.LimitHeader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RecordLineTest {
    static final String CALL = """
            {"type":"DownstreamEnd","id":"78b006cc-b18e-419c-b5da-52f1b9c97136","attempt":2,"start":"1795505199.894592",\
            "duration_ms":26,"end_us":26937,"first_byte_us":26926,"pool":"chat","epoch":"3.17","provider":"b","price":120,\
            "price_epoch":17,"status":200,"details":"via_upstream","flags":"-","method":"POST","path":"/v1/chat/completions",\
            "model":"m","stream":true,"prompt_tokens":11,"completion_tokens":7,"total_tokens":18,"cached_tokens":null,\
            "reservation":"3.17-42","check_epoch":"3.16","check_price":110,"held_us":1500,"pick":"b 0, a 12","answered_ms":2,\
            "bytes_received":86,"bytes_sent":76}""";
    static final String ATTEMPT = """
            {"type":"UpstreamEnd","id":"78b006cc","attempt":"1","start":"1795505199.894912","duration_ms":1,"end_us":null,\
            "first_byte_us":1098,"pool":"chat","epoch":"3.17","provider":"a","price":"120","price_epoch":"17","status":503,\
            "flags":"-","method":"POST","path":"/v1/chat/completions","bounced":"true","bytes_received":86,"bytes_sent":0}""";

    private static ParsedRecord parse(String line) {
        byte[] bytes = ("xx" + line).getBytes(StandardCharsets.UTF_8);
        return RecordLine.parse("sidecar", bytes, 2, bytes.length - 2);
    }

    private static AccessRecord accepted(String line) {
        ParsedRecord parsed = parse(line);
        assertThat(parsed).isInstanceOf(ParsedRecord.Accepted.class);
        return ((ParsedRecord.Accepted) parsed).record();
    }

    private static String with(String field, String json) {
        try {
            ObjectMapper mapper = new ObjectMapper();
            ObjectNode line = (ObjectNode) mapper.readTree(CALL);
            line.set(field, mapper.readTree(json));
            return line.toString();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_call_is_read_whole() {
        assertThat(accepted(CALL))
                .isEqualTo(RecordMaker.record(Kind.CALL, "78b006cc-b18e-419c-b5da-52f1b9c97136", 2)
                        .provider("b")
                        .asked("POST", "/v1/chat/completions", "m", true)
                        .usage(new Usage(11, 7, 18, 0))
                        .check(new GrantFacts("3.17-42", "3.16", 110, 1500, "b 0, a 12", 2))
                        .make());
    }

    @Test
    void what_was_seen_of_the_content_is_read_and_never_more_counted_than_seen() {
        assertThat(accepted(CALL).answer().content()).isNull();
        assertThat(accepted(with("pieces", "7")).answer().content()).isEqualTo(new AccessRecord.Content(7, 0, 0));
        for (String odd : new String[] {"-1", "\"7\"", "1.5", "null", "1e300", "[7]"}) {
            assertThat(accepted(with("pieces", odd)).answer().content()).as(odd).isNull();
        }
        String both = with("pieces", "7").replace("{", "{\"counted_pieces\":9,\"content_bytes\":50,");
        assertThat(accepted(both).answer().content()).isEqualTo(new AccessRecord.Content(7, 7, 50));
    }

    @Test
    void a_body_that_came_compressed_is_as_long_as_it_was() {
        assertThat(accepted(with("body_bytes", "5000")).request().bytesReceived())
                .isEqualTo(5_000);
        assertThat(accepted(with("body_bytes", "null")).request().bytesReceived())
                .isEqualTo(86);
        assertThat(accepted(with("body_bytes", "-5")).request().bytesReceived()).isEqualTo(86);
    }

    @Test
    void words_that_were_counted_are_read_and_odd_counts_are_none() {
        assertThat(accepted(with("words", "7")).request().words()).isEqualTo(7);
        for (String odd : new String[] {"-1", "\"7\"", "1.5", "null", "1e300", "[7]"}) {
            assertThat(accepted(with("words", odd)).request().words())
                    .as(odd)
                    .isEqualTo(AccessRecord.Request.NOT_COUNTED);
        }
    }

    @Test
    void an_attempt_is_read_whole() {
        AccessRecord record = accepted(ATTEMPT);
        assertThat(record.identity().key()).isEqualTo(new AccessRecord.Key("sidecar", "78b006cc", Kind.ATTEMPT, 1));
        assertThat(record.timing().durationMicros()).isEqualTo(1_000);
        assertThat(record.outcome().whole()).isFalse();
        assertThat(record.route().price()).isEqualTo(120);
        assertThat(record.answer().usage()).isNull();
        assertThat(record.outcome().bounced()).isTrue();
        assertThat(record.check()).isNull();
    }

    @Test
    void what_a_provider_said_of_its_quotas_is_read_and_odd_values_are_as_if_unsaid() {
        assertThat(accepted(ATTEMPT).limits()).as("of an older sidecar").isEmpty();
        assertThat(limits("500|-|6m0s||")).isEqualTo(Map.of(LIMIT_REQUESTS, "500", RESET_REQUESTS, "6m0s"));
        assertThat(limits("a|".repeat(60)))
                .as("of a newer sidecar")
                .hasSize(LimitHeader.all().size());
        assertThat(limits("Tue, 01 Dec 2026 00:01:00 GMT")).containsKey(LIMIT_REQUESTS);
        for (String odd :
                List.of("", "-", "|", "-|-|-", "9".repeat(41), "\\u001b[31m", "1\\t", "\\u00e9", "|".repeat(9_000))) {
            assertThat(limits(odd)).as(odd).isEmpty();
        }
        for (String odd : List.of("17", "null", "{}", "[\"a\"]")) {
            assertThat(accepted(ATTEMPT.replace("\"price\"", "\"limits\":" + odd + ",\"price\""))
                            .limits())
                    .isEmpty();
        }
    }

    private static Map<LimitHeader, String> limits(String text) {
        return accepted(ATTEMPT.replace("\"price\"", "\"limits\":\"" + text + "\",\"price\""))
                .limits();
    }

    @Test
    void a_call_that_nobody_served_is_a_record() {
        AccessRecord record = accepted("""
                {"type":"DownstreamEnd","id":"a","attempt":0,"start":"1795505199.894592","duration_ms":0,"end_us":145,\
                "first_byte_us":133,"pool":null,"epoch":null,"provider":null,"price":null,"price_epoch":null,"status":404,\
                "details":"direct_response","flags":"-","method":"GET","path":"/direct","model":null,"stream":null,\
                "bytes_received":0,"bytes_sent":2}""");
        assertThat(record.route().provider()).isEmpty();
        assertThat(record.route().price()).isEqualTo(-1);
        assertThat(record.completed()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "type; null; type",
                "type; \"DownstreamStart\"; type",
                "type; 1; type",
                "id; null; no_id",
                "id; \"\"; no_id",
                "id; 17; type",
                "id; \"a b\"; id",
                "id; \"a\\u0000b\"; id",
                "attempt; null; attempt",
                "attempt; -2; attempt",
                "attempt; 1001; attempt",
                "attempt; 1.5; attempt",
                "attempt; true; attempt",
                "attempt; \"one\"; attempt",
                "attempt; 99999999999999999999999; attempt",
                "reservation; 7; type",
                "reservation; \"a b\"; name",
                "check_epoch; \"\\u0000\"; name",
                "check_price; -2; price",
                "check_price; \"dear\"; price",
                "held_us; null; time",
                "held_us; -5; time",
                "answered_ms; -5; time",
                "pick; {}; type",
                "start; null; time",
                "start; 1795505199.894592; type",
                "start; \"1795505199\"; time",
                "start; \"-795505199.894592\"; time",
                "start; \"9999999999.894592\"; time",
                "duration_ms; {}; ok",
                "end_us; -5; time",
                "end_us; 604800000001; time",
                "end_us; 1e300; time",
                "end_us; 1e400; time",
                "first_byte_us; -2; time",
                "first_byte_us; []; time",
                "pool; {}; type",
                "pool; \"a b\"; name",
                "provider; \"\\u001b[31m\"; name",
                "epoch; 3.17; type",
                "price; -2; price",
                "price; 1.5; price",
                "price; \"1e3\"; price",
                "price; 9007199254740993; price",
                "price; 1.2345E12; ok",
                "price_epoch; \"17x\"; price",
                "status; null; ok",
                "status; 1000; status",
                "status; -1; status",
                "status; \"OK\"; status",
                "details; []; type",
                "bytes_received; null; bytes",
                "bytes_sent; -1; bytes",
                "model; 17; ok",
                "model; {\"a\":1}; ok",
                "stream; \"yes\"; ok",
                "prompt_tokens; -5; ok",
                "total_tokens; \"many\"; ok",
                "total_tokens; 1e400; ok"
            })
    void a_field_that_cannot_be_is_refused_and_named_unless_others_choose_it(
            String field, String json, String expected) {
        ParsedRecord parsed = parse(with(field, json));
        String kind = parsed instanceof ParsedRecord.Rejected rejected ? rejected.kind() : "ok";
        assertThat(kind).isEqualTo(expected);
        if (parsed instanceof ParsedRecord.Rejected rejected) {
            assertThat(rejected.message()).startsWith(field + ": ").contains("(expected: ");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "''; not_json",
                "'null'; not_json",
                "'[]'; not_json",
                "'\"DownstreamEnd\"'; not_json",
                "'{\"type\":'; not_json",
                "'{} {}'; not_json",
                "'{\"id\":\"a\",\"id\":\"b\"}'; not_json",
                "'[[[[[[[[1]]]]]]]]'; not_json",
                "'{}'; type"
            })
    void a_line_that_is_no_record_is_refused(String line, String kind) {
        assertThat(parse(line))
                .isInstanceOfSatisfying(
                        ParsedRecord.Rejected.class, r -> assertThat(r.kind()).isEqualTo(kind));
    }

    @Test
    void what_agents_and_providers_choose_is_cut_not_refused() {
        assertThat(accepted(with("model", "\"" + "m".repeat(400) + "\""))
                        .request()
                        .model())
                .isEqualTo("m".repeat(RecordBuilder.MAX_MODEL));
        assertThat(accepted(with("model", "\"" + "x".repeat(RecordBuilder.MAX_MODEL - 1) + "\ud83d\ude00\""))
                        .request()
                        .model())
                .isEqualTo("x".repeat(RecordBuilder.MAX_MODEL - 1));
        assertThat(accepted(with("path", "\"/a?key=secret\"")).request().path()).isEqualTo("/a");
        assertThat(accepted(with("path", "\"/a\\u0007b\"")).request().path()).isEqualTo("/a?b");
        assertThat(accepted(with("prompt_tokens", "-5")).answer().usage()).isEqualTo(new Usage(0, 7, 18, 0));
        assertThat(accepted(with("cached_tokens", "1e15")).answer().usage()).isEqualTo(new Usage(11, 7, 18, 0));
        assertThat(accepted(with("total_tokens", "null")).answer().usage()).isEqualTo(new Usage(11, 7, 18, 0));
    }

    @Test
    void a_line_without_end_is_refused_unread() {
        byte[] line = new byte[RecordLine.MAX_BYTES + 1];
        Arrays.fill(line, (byte) '[');
        assertThat(RecordLine.parse("s", line, 0, line.length))
                .isEqualTo(new ParsedRecord.Rejected("too_long", "line: 65537 bytes (expected: at most 65536)"));
    }

    @Test
    void random_damage_never_throws() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] line = (i % 2 == 0 ? CALL : ATTEMPT).getBytes(StandardCharsets.UTF_8);
            for (int damage = 1 + random.nextInt(4); damage > 0; damage--) {
                line[random.nextInt(line.length)] = (byte) random.nextInt(256);
            }
            assertThat(RecordLine.parse("s", line, 0, random.nextInt(line.length + 1)))
                    .isNotNull();
        }
    }

    @Test
    void an_answer_that_says_it_is_an_error_is_no_completed_call() {
        assertThat(accepted(CALL).outcome().failed()).isFalse();
        assertThat(accepted(with("error", "null")).completed()).isTrue();
        assertThat(accepted(with("error", "true")).outcome().failed()).isTrue();
        assertThat(accepted(with("error", "true")).completed()).isFalse();
        assertThat(accepted(with("error", "\"odd\"")).outcome().failed()).isFalse();
    }
}
