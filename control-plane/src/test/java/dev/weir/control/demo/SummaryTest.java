package dev.weir.control.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class SummaryTest {
    @Test
    void ends_with_four_lines() {
        Map<String, Figures> policies = new LinkedHashMap<>();
        policies.put(
                "wrr",
                new Figures(
                        Results.traffic(1892, OptionalLong.empty(), 0.42),
                        new Figures.Records(100, 99, 0, 2, 1, 2000, 1980, 100),
                        1,
                        0));
        policies.put("water-filling", Results.good());
        assertThat(Summary.lines(Story.DEFAULT, policies))
                .containsExactly(
                        "With fixed weights (wrr) a call waited 10 ms on average, one in a hundred longer than 50 ms; 1.9 s"
                                + " while p175 was slow.",
                        "With water-filling a call waited 10 ms on average, one in a hundred longer than 50 ms; 12 ms while"
                                + " p175 was slow.",
                        "Without an answer at the end: 0 of 100 calls with wrr, 0 of 100 calls with water-filling; refused or"
                                + " failed: 0 with wrr, 0 with water-filling.",
                        "The ledger holds 99 attempts and 1980 tokens (2 records missing, 1 too many, 2000 tokens counted by"
                                + " the providers) with wrr, 100 attempts and 2000 tokens (exactly what the providers"
                                + " counted) with water-filling.");
    }
}
