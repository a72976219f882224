package dev.weir.control.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.control.testbed.DeclaredCapacity;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class DemoReportTest {
    @Test
    void the_file_has_exactly_the_promised_shape() throws Exception {
        String expected = """
                {"policies": {"water-filling": {
                   "offered": 100, "completed": 100, "refused": 0, "retryAfterMillis": 0.0, "failed": 0, "unfinished": 0,
                   "attempts": {"providers": 100, "ledger": 100, "bounced": 0}, "missingRecords": 0, "extraRecords": 0,
                   "missingHeaders": 0, "releases": 40, "nacks": 0, "reactionMillis": 900,
                   "waitMillis": {"mean": 10.0, "p99": 50.0, "meanWhileSlow": 12.0},
                   "responseMillis": {"mean": 60.0, "p50": 55.0, "p99": 200.0},
                   "tokens": {"providers": 2000, "ledger": 2000},
                   "shares": {"before": {"p175": 0.42}, "during": {"p175": 0.2}, "after": {"p175": 0.4}},
                   "price": {"min": 100, "max": 120}}},
                 "capacity": [{"provider": "p20", "declared": 20.0, "blockNumber": 7}]}
                """;
        String written = DemoReport.json(
                        Map.of("water-filling", Results.good()), List.of(new DeclaredCapacity("p20", 20, 7)))
                .toString();
        ObjectMapper json = new ObjectMapper();
        assertThat(json.readTree(written)).isEqualTo(json.readTree(expected));
    }

    @Test
    void what_did_not_happen_is_null() {
        Figures never = new Figures(
                Results.traffic(1, OptionalLong.empty(), 0.4), Results.good().records(), 1, 0);
        assertThat(never.toJson().path("reactionMillis").isNull()).isTrue();
    }
}
