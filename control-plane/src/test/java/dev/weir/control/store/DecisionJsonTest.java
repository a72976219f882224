package dev.weir.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DecisionJsonTest {
    private static final Epoch EPOCH = new Epoch(3, 17);

    @Test
    void what_is_read_is_what_was_written() {
        Decision decision = Decisions.of(3, 17);
        assertThat(DecisionJson.read(EPOCH, DecisionJson.write(decision)))
                .isEqualTo(new DecisionJson.Row(decision, DecisionJson.VERSION));
    }

    /** A change of the form needs a new version, a step from this one, and a sample of its own beside it. */
    @Test
    void the_form_that_is_written_is_the_stored_sample() throws Exception {
        assertThat(ordered(DecisionJson.write(Decisions.announcing(3, 17)))).isEqualTo(ordered(sample(4)));
        assertThat(DecisionJson.read(EPOCH, sample(4))).isEqualTo(new DecisionJson.Row(Decisions.announcing(3, 17), 4));
    }

    @Test
    void a_retry_target_is_stored_as_one_that_may_have_a_weight_of_one() throws Exception {
        Decision read = DecisionJson.read(EPOCH, sample(2).replace("\"weightCap\":1000000", "\"weightCap\":1"))
                .decision();
        assertThat(read.observation().pools().get(0).members().get(0).retryOnly())
                .isTrue();
        assertThat(DecisionJson.write(read)).contains("\"weightCap\":1,").doesNotContain("retryOnly");
    }

    @Test
    void what_an_older_form_lacks_has_its_default() throws Exception {
        assertThat(sample(1)).doesNotContain("version", "refusal", "flowing", "mostCapacity", "\"silent\"");
        assertThat(DecisionJson.read(EPOCH, sample(1))).isEqualTo(new DecisionJson.Row(Decisions.of(3, 17), 1));
        assertThat(sample(2)).doesNotContain("storedPrice", "announced");
        assertThat(DecisionJson.read(EPOCH, sample(2))).isEqualTo(new DecisionJson.Row(Decisions.of(3, 17), 2));
        assertThat(sample(3)).doesNotContain("draining");
        assertThat(DecisionJson.read(EPOCH, sample(3))).isEqualTo(new DecisionJson.Row(Decisions.announcing(3, 17), 3));
    }

    @Test
    void what_a_newer_form_has_besides_is_passed_over() throws Exception {
        String newer = sample(4)
                .replace("\"version\":4", "\"version\":9")
                .replace("\"hold\":false", "\"hold\":false,\"extra\":{\"more\":[1]}");
        assertThat(DecisionJson.read(EPOCH, newer)).isEqualTo(new DecisionJson.Row(Decisions.announcing(3, 17), 9));
    }

    /** A set has no order of its own. */
    private static JsonNode ordered(String body) throws Exception {
        JsonNode tree = new JsonMapper().readTree(body);
        ObjectNode release = (ObjectNode) tree.path("proposal").path("release");
        TreeSet<String> causes = new TreeSet<>();
        release.path("causes").forEach(each -> causes.add(each.asText()));
        release.put("causes", causes.toString());
        return tree;
    }

    private static String sample(int version) throws Exception {
        try (InputStream in = DecisionJsonTest.class.getResourceAsStream("decision-" + version + ".json")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void every_finite_double_survives_to_the_last_bit() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                Decision decision = Decisions.of(EPOCH, value);
                double read = DecisionJson.read(EPOCH, DecisionJson.write(decision))
                        .decision()
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
        "'\"weightCap\":1000000', '\"weightCap\":null', weightCap",
        "'\"weightCap\":1000000', '\"weightCap\":\"1000000\"', observation.pools[0].members[0].weightCap",
        "'\"weightCap\":1000000', '\"weightCap\":false', observation.pools[0].members[0].weightCap",
        "'\"weightCap\":1000000,', '', weightCap",
        "'\"status\":\"STALLED\"', '\"status\":\"BROKEN\"', proposal.providers[0].status",
        "'\"members\":[{\"provider\":\"a\",\"weight\"', '\"members\":[{\"provider\":null,\"weight\"', provider",
        "'\"epoch\":', 'epoch:', 'decision 3.17'",
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
