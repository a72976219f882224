package dev.weir.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DecisionJsonTest {
    private static final Epoch EPOCH = new Epoch(3, 17);

    @Test
    void what_is_read_is_what_was_written() {
        Decision decision = Decisions.of(3, 17);
        assertThat(DecisionJson.read(EPOCH, DecisionJson.write(decision))).isEqualTo(decision);
    }

    @Test
    void every_finite_double_survives_to_the_last_bit() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                Decision decision = Decisions.of(EPOCH, value);
                double read = DecisionJson.read(EPOCH, DecisionJson.write(decision))
                        .proposal()
                        .pools()
                        .get(0)
                        .demand();
                assertThat(Double.doubleToRawLongBits(read)).isEqualTo(Double.doubleToRawLongBits(value));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void what_is_no_number_is_not_stored(double value) {
        assertThatThrownBy(() -> DecisionJson.write(Decisions.of(EPOCH, value)))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("decision 3.17: cannot be stored: proposal.pools[0].demand: " + value)
                .hasMessageContaining("expected: a finite number");
    }

    @ParameterizedTest
    @CsvSource({
        "'\"demand\":0.30000000000000004', '\"demand\":\"NaN\"', proposal.pools[0].demand",
        "'\"demand\":0.30000000000000004', '\"demand\":null', proposal.pools[0].demand",
        "'\"demand\":0.30000000000000004', '\"demand\":1e999', proposal.pools[0].demand",
        "'\"demand\":0.30000000000000004,', '', demand",
        "'\"price\":120', '\"price\":\"120\"', proposal.pools[0].price",
        "'\"price\":120', '\"price\":1.5e300', proposal.pools[0].price",
        "'\"status\":\"STALLED\"', '\"status\":\"BROKEN\"', proposal.providers[0].status",
        "'\"members\":[{\"provider\":\"a\",\"weight\"', '\"members\":[{\"provider\":null,\"weight\"', provider",
        "'\"hold\":false', '\"hold\":false,\"extra\":1', observation.extra",
        "'{\"epoch\"', '{epoch', 'decision 3.17'",
        "'\"sequence\":17', '\"sequence\":18', 'holds 3.18 (expected: 3.17)'"
    })
    void a_damaged_row_says_what_and_where(String whole, String damaged, String place) {
        String body = DecisionJson.write(Decisions.of(3, 17));
        assertThat(body).contains(whole);
        assertThatThrownBy(() -> DecisionJson.read(EPOCH, body.replace(whole, damaged)))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("decision 3.17")
                .hasMessageContaining(place);
    }
}
