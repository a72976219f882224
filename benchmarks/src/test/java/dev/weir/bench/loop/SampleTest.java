package dev.weir.bench.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SampleTest {
    @Test
    void percentilesAreValuesThatWereSeen() {
        Sample hundred = Sample.of(IntStream.rangeClosed(1, 100).mapToDouble(i -> 101 - i));

        assertThat(hundred.mean()).isEqualTo(50.5);
        assertThat(hundred.percentile(99)).isEqualTo(99);
        assertThat(hundred.percentile(100)).isEqualTo(100);
        assertThat(hundred.percentile(1)).isEqualTo(1);
        assertThat(Sample.of(DoubleStream.of(7)).percentile(99)).isEqualTo(7);
    }

    @Test
    void nothingHasNoMean() {
        Sample nothing = Sample.of(DoubleStream.empty());

        assertThat(nothing.mean()).isNaN();
        assertThat(nothing.percentile(99)).isNaN();
        assertThat(Sample.median(DoubleStream.empty())).isNaN();
    }

    @Test
    void mediansOfOddAndEvenNumbers() {
        assertThat(Sample.median(DoubleStream.of(9, 1, 5))).isEqualTo(5);
        assertThat(Sample.median(DoubleStream.of(9, 1, 5, 7))).isEqualTo(6);
    }
}
