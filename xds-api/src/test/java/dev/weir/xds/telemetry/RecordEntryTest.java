package dev.weir.xds.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import dev.weir.xds.telemetry.AccessRecord.GrantFacts;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import dev.weir.xds.testing.Entries;
import dev.weir.xds.testing.RecordMaker;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogCommon;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogType;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RecordEntryTest {
    /** One that was checked and counted. */
    private static HTTPAccessLogEntry.Builder call() {
        HTTPAccessLogEntry.Builder entry = Entries.call("78b006cc");
        entry.getCommonPropertiesBuilder()
                .getMetadataBuilder()
                .putFilterMetadata(
                        "envoy.filters.http.ext_authz",
                        Struct.newBuilder()
                                .putFields("reservation", text("3.17-42"))
                                .putFields("epoch", text("3.16"))
                                .putFields("price", number(110))
                                .putFields("held_us", number(1_500))
                                .putFields("ext_authz_duration", number(2))
                                .putFields("pick", text("b 0, a 12"))
                                .build())
                .putFilterMetadata("weir.usage", struct("total_tokens", number(18)));
        return entry;
    }

    private static HTTPAccessLogEntry.Builder attempt() {
        HTTPAccessLogEntry.Builder entry = call();
        entry.getCommonPropertiesBuilder()
                .setAccessLogType(AccessLogType.UpstreamEnd)
                .clearUpstreamRequestAttemptCount();
        entry.getRequestBuilder().putRequestHeaders("weir-attempt", "2");
        return entry;
    }

    private static Struct struct(String key, Value value) {
        return Struct.newBuilder().putFields(key, value).build();
    }

    private static Value text(String value) {
        return Value.newBuilder().setStringValue(value).build();
    }

    private static Value number(double value) {
        return Value.newBuilder().setNumberValue(value).build();
    }

    private static AccessRecord accepted(HTTPAccessLogEntry.Builder entry) {
        ParsedRecord parsed = RecordEntry.parse("sidecar", entry.build());
        assertThat(parsed).isInstanceOf(ParsedRecord.Accepted.class);
        return ((ParsedRecord.Accepted) parsed).record();
    }

    private static String kind(HTTPAccessLogEntry.Builder entry) {
        return RecordEntry.parse("sidecar", entry.build()) instanceof ParsedRecord.Rejected rejected
                ? rejected.kind()
                : "ok";
    }

    @Test
    void a_call_is_read_whole() {
        assertThat(accepted(call()))
                .isEqualTo(RecordMaker.call("78b006cc")
                        .usage(new Usage(0, 0, 18, 0))
                        .check(new GrantFacts("3.17-42", "3.16", 110, 1_500, "b 0, a 12", 2))
                        .make());
    }

    @Test
    void words_that_were_counted_are_read_and_odd_counts_are_none() {
        HTTPAccessLogEntry.Builder entry = call();
        Value[] odd = {number(-1), number(0.5), number(Double.POSITIVE_INFINITY), text("7")};
        for (Value words : odd) {
            entry.getCommonPropertiesBuilder()
                    .getMetadataBuilder()
                    .putFilterMetadata("weir.req", struct("words", words));
            assertThat(accepted(entry).request().words()).as("" + words).isEqualTo(AccessRecord.Request.NOT_COUNTED);
        }
        entry.getCommonPropertiesBuilder()
                .getMetadataBuilder()
                .putFilterMetadata("weir.req", struct("words", number(7)));
        assertThat(accepted(entry).request().words()).isEqualTo(7);
    }

    @Test
    void an_attempt_that_has_not_ended_says_how_far_it_came() {
        HTTPAccessLogEntry.Builder entry = attempt();
        entry.getCommonPropertiesBuilder()
                .setAccessLogType(AccessLogType.UpstreamPeriodic)
                .clearDuration()
                .clearTimeToLastUpstreamRxByte();
        assertThat(RecordEntry.parse("sidecar", entry.build()))
                .isEqualTo(new ParsedRecord.Unfinished(new AttemptProgress("sidecar", "78b006cc", 2, "chat", "a", 86)));
        entry.getRequestBuilder().clearRequestId();
        assertThat(kind(entry)).isEqualTo("no_id");
    }

    @Test
    void an_attempt_that_a_provider_side_refused_bounced() {
        HTTPAccessLogEntry.Builder entry = attempt();
        assertThat(accepted(entry).outcome().bounced()).isFalse();
        entry.getResponseBuilder().putResponseHeaders("x-envoy-overloaded", "true");
        assertThat(accepted(entry).outcome().bounced()).isTrue();
        entry.getResponseBuilder()
                .clearResponseHeaders()
                .putResponseHeaders("x-envoy-ratelimited", "true")
                .getResponseCodeBuilder()
                .setValue(429);
        assertThat(accepted(entry).outcome().bounced()).isTrue();
        assertThat(accepted(entry).outcome().shed()).isTrue();
        assertThat(accepted(entry).check()).as("an attempt knows no check").isNull();
    }

    @Test
    void a_check_that_granted_nothing_leaves_nothing() {
        HTTPAccessLogEntry.Builder entry = call();
        entry.getCommonPropertiesBuilder()
                .getMetadataBuilder()
                .putFilterMetadata("envoy.filters.http.ext_authz", struct("ext_authz_duration", number(3)));
        assertThat(accepted(entry).check()).isNull();
    }

    @Test
    void an_attempts_bytes_are_seen_from_the_other_side_and_its_end_is_the_providers() {
        HTTPAccessLogEntry.Builder entry = attempt();
        AccessRecord cut = accepted(entry);
        assertThat(cut.outcome().whole()).isFalse();
        assertThat(cut.timing().durationMicros()).isEqualTo(26_000);
        assertThat(cut.request().bytesReceived()).isEqualTo(76);
        assertThat(cut.answer().bytesSent()).isEqualTo(86);
        assertThat(cut.outcome().details()).isEmpty();
        assertThat(cut.request().model()).isEmpty();
        assertThat(cut.answer().usage()).isNull();
        entry.getCommonPropertiesBuilder().getTimeToLastUpstreamRxByteBuilder().setNanos(5_561_000);
        assertThat(accepted(entry).timing().durationMicros()).isEqualTo(5_561);
        assertThat(accepted(entry).completed()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "pool, a b, name",
        "provider, '\u0007', name",
        "epoch, '\u00e9', name",
        "price, -2, price",
        "price, 1.5, price",
        "price, 1e9, price",
        "price, 99999999999999999999, price",
        "price, -, ok",
        "price, '', ok",
        "price_epoch, x, price",
        "flags, 'UF,URX', ok"
    })
    void a_tag_that_cannot_be_is_refused(String tag, String value, String expected) {
        HTTPAccessLogEntry.Builder entry = call();
        entry.getCommonPropertiesBuilder().putCustomTags(tag, value);
        assertThat(kind(entry)).isEqualTo(expected);
    }

    @Test
    void fields_that_cannot_be_are_refused() {
        refused("type", common -> common.setAccessLogType(AccessLogType.DownstreamPeriodic));
        refused("attempt", common -> common.setUpstreamRequestAttemptCount(-1));
        refused("time", AccessLogCommon.Builder::clearStartTime);
        refused("time", common -> common.getStartTimeBuilder().setSeconds(Long.MAX_VALUE));
        refused("time", common -> common.getStartTimeBuilder().setNanos(-1));
        refused("time", common -> common.getTimeToLastDownstreamTxByteBuilder().setSeconds(-1));
        refused("time", common -> common.getTimeToFirstDownstreamTxByteBuilder().setSeconds(1_000_000));
        HTTPAccessLogEntry.Builder entry = call();
        entry.getResponseBuilder().setResponseCode(UInt32Value.of(-1));
        assertThat(kind(entry)).isEqualTo("status");
        entry = call();
        entry.getRequestBuilder().setRequestBodyBytes(-1);
        assertThat(kind(entry)).isEqualTo("bytes");
        entry = call();
        entry.getRequestBuilder().clearRequestId();
        assertThat(kind(entry)).isEqualTo("no_id");
        entry = attempt();
        entry.getRequestBuilder().clearRequestHeaders();
        assertThat(kind(entry)).isEqualTo("attempt");
    }

    private static void refused(String kind, Consumer<AccessLogCommon.Builder> damage) {
        HTTPAccessLogEntry.Builder entry = call();
        damage.accept(entry.getCommonPropertiesBuilder());
        assertThat(kind(entry)).isEqualTo(kind);
    }

    @Test
    void what_agents_and_providers_choose_is_cut_not_refused() {
        HTTPAccessLogEntry.Builder entry = call();
        entry.getCommonPropertiesBuilder()
                .getMetadataBuilder()
                .putFilterMetadata("weir.req", struct("model", text("m".repeat(9_000_000))))
                .putFilterMetadata("weir.usage", struct("total_tokens", number(Double.NaN)));
        assertThat(accepted(entry).request().model()).hasSize(RecordBuilder.MAX_MODEL);
        assertThat(accepted(entry).answer().usage()).isNull();
        entry.getCommonPropertiesBuilder()
                .getMetadataBuilder()
                .putFilterMetadata("weir.req", struct("model", number(17)))
                .putFilterMetadata("weir.usage", struct("prompt_tokens", text("11")));
        assertThat(accepted(entry).request().model()).isEmpty();
        assertThat(accepted(entry).answer().usage()).isNull();
    }

    @Test
    void random_damage_never_throws_anything_but_bad_proto() {
        Random random = new Random(1);
        byte[] whole = call().build().toByteArray();
        int read = 0;
        int unreadable = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = whole.clone();
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            try {
                assertThat(RecordEntry.parse("s", HTTPAccessLogEntry.parseFrom(bytes)))
                        .isNotNull();
                read++;
            } catch (InvalidProtocolBufferException e) {
                unreadable++;
            }
        }
        assertThat(read).isGreaterThan(1_000);
        assertThat(unreadable).isPositive();
    }

    @Test
    void an_answer_that_says_it_is_an_error_is_no_completed_call() {
        HTTPAccessLogEntry.Builder entry = call();
        assertThat(accepted(entry).completed()).isTrue();
        Value error = Value.newBuilder().setBoolValue(true).build();
        entry.getCommonPropertiesBuilder().getMetadataBuilder().putFilterMetadata("weir.usage", struct("error", error));
        assertThat(accepted(entry).outcome().failed()).isTrue();
        assertThat(accepted(entry).completed()).isFalse();
    }
}
