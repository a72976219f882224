package dev.weir.control.demo;

import dev.weir.control.testbed.DeclaredCapacity;
import dev.weir.control.testbed.Fleet;
import dev.weir.control.testbed.load.CallResult;
import dev.weir.control.testbed.load.PlannedCall;
import dev.weir.control.testbed.load.SeenHeaders;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Results of calls and figures for tests. */
final class Results {
    static final long SECOND = 1_000_000_000L;

    private Results() {}

    /** An answered call with a service time of 10 ms. */
    static CallResult answered(int number, double atSecond, double waitMillis, long price) {
        return new CallResult(
                new PlannedCall(number, (long) (atSecond * SECOND), 1, false, false),
                200,
                true,
                (long) (waitMillis * 1e6) + 10_000_000,
                10_000_000,
                20,
                new SeenHeaders("p20", "id-" + number, 1, price, "1.1", 60, -1, 0),
                Optional.empty());
    }

    static CallResult ended(int number, double atSecond, int status) {
        return new CallResult(
                new PlannedCall(number, (long) (atSecond * SECOND), 1, false, false),
                status,
                false,
                1_000_000,
                0,
                0,
                new SeenHeaders("", "id-" + number, 0, -1, "1.1", 60, 1500, 2),
                Optional.of("status " + status));
    }

    /** Figures that hold every promise. */
    static Figures good() {
        return new Figures(
                traffic(12.0, OptionalLong.of(900), 0.4),
                new Figures.Records(100, 100, 0, 0, 0, 2000, 2000, 100),
                40,
                0);
    }

    static Figures.Traffic traffic(double meanWhileSlow, OptionalLong reaction, double after) {
        return new Figures.Traffic(
                100,
                100,
                0,
                0,
                0,
                0,
                0,
                0,
                reaction,
                10,
                50,
                OptionalDouble.of(meanWhileSlow),
                60,
                55,
                200,
                Map.of(Fleet.LARGEST, 0.42),
                Map.of(Fleet.LARGEST, 0.2),
                Map.of(Fleet.LARGEST, after),
                100,
                120);
    }

    static List<DeclaredCapacity> declared() {
        return Fleet.PROVIDERS.stream()
                .map(spec -> new DeclaredCapacity(spec.name(), spec.capacity(), 7))
                .toList();
    }
}
