package dev.weir.control.loop;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.model.Admission;
import dev.weir.control.model.Config;
import dev.weir.control.model.Image;
import dev.weir.control.model.Pool;
import dev.weir.control.pick.CheckQueue;
import dev.weir.control.pick.PickListener;
import dev.weir.control.pick.PickState;
import dev.weir.control.pick.Picker;
import dev.weir.control.testing.Configs;
import dev.weir.control.testing.PoolMaker;
import dev.weir.weights.Proposal;
import dev.weir.xds.check.CheckAnswer;
import dev.weir.xds.check.CheckedRequest;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.LoadReport.ClusterLoad;
import dev.weir.xds.wire.WeirHeaders;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The loop and the picker beside two providers of which p refuses at once for a while; simulated time, no retries. */
final class RefusingProviderTest {
    private static final long MILLI = 1_000_000L;
    private static final long TICK = 250 * MILLI;
    private static final long SECOND = 1_000 * MILLI;
    private static final long SERVICE = 40 * MILLI;
    /** 50 calls a second. */
    private static final long GAP = 20 * MILLI;

    private static final long EXPIRES = 10 * SECOND;
    private static final long RENEWED = 50 * SECOND;
    private static final long END = 80 * SECOND;

    private final List<String> reasons = new ArrayList<>();
    private final Inbox inbox = new Inbox(100_000);
    private final SplittableRandom random = new SplittableRandom(3);
    private final PriorityQueue<End> ends = new PriorityQueue<>();
    private final Map<String, Integer> inFlight = new HashMap<>(Map.of("p", 0, "q", 0));
    private final Map<String, Integer> issued = new HashMap<>(Map.of("p", 0, "q", 0));
    private final List<AccessRecord> heard = new ArrayList<>();
    private final List<Call> calls = new ArrayList<>();
    private long now;

    private record End(long at, AccessRecord record) implements Comparable<End> {
        @Override
        public int compareTo(End other) {
            return Long.compare(at, other.at);
        }
    }

    private record Call(long at, String provider) {}

    private final Picker picker = new Picker(
            inbox,
            () -> now,
            new PickListener() {
                @Override
                public void checked(String pool, Outcome outcome) {}

                @Override
                public void held(String pool, long nanos) {}

                @Override
                public void dropped(int grants) {}
            },
            List.of(),
            new PickState(1, 1 << 20, 0, new CheckQueue.OldestFirst()));

    private static Config config(boolean governed) {
        Config plain = Configs.of("p", "q");
        if (!governed) {
            return plain;
        }
        Pool pool = PoolMaker.like(requireNonNull(plain.pools().get("m")))
                .admission(Admission.governed(Admission.OnUnavailable.OPEN, new Admission.Queue.Provider()))
                .make();
        return new Config(plain.mesh(), plain.providers(), Map.of("m", pool));
    }

    private void run(boolean governed, int status) {
        Config config = config(governed);
        ControlLoop loop = new ControlLoop(inbox, config, 1, Optional.empty(), List.of(), 0, () -> now / MILLI);
        inbox.offer(new Event.Declared(FileDeclarations.of(config, 1)));
        inbox.offer(
                new Event.Resolved(Map.of("p.example", List.of("127.0.0.1"), "q.example", List.of("127.0.0.2")), true));
        Image image = loop.tick(0).image();
        picker.publish(image, true);
        for (now = GAP; now < END; now += GAP) {
            while (!ends.isEmpty() && requireNonNull(ends.peek()).at <= now) {
                AccessRecord record = ends.remove().record;
                inFlight.merge(record.route().provider(), -1, Integer::sum);
                heard.add(record);
                picker.records(List.of(record));
            }
            String id = "r" + now;
            String provider = governed ? picked(id) : drawn(image);
            call(id, provider, status);
            if (now % TICK == 0) {
                report();
                image = loop.tick(now).image();
                picker.publish(image, true);
                reasons.add(image.proposal().providers().get(0).reason());
            }
        }
    }

    private String picked(String id) {
        List<CheckAnswer> answers = new ArrayList<>();
        picker.check(
                new CheckedRequest(id, "m", false, now / 1_000, "", "connection", CheckedRequest.MAX_PATIENCE_NANOS),
                answers::add);
        CheckAnswer.Pass pass = (CheckAnswer.Pass) answers.get(0);
        long pick = Long.parseLong(requireNonNull(pass.headers().get(WeirHeaders.PICK)));
        return pick % 2 == 0 ? "p" : "q";
    }

    private String drawn(Image image) {
        int turn = random.nextInt(1_000_000);
        for (Proposal.Member member :
                image.decision().orElseThrow().proposal().pools().get(0).members()) {
            turn -= member.weight();
            if (turn < 0) {
                return member.provider();
            }
        }
        throw new AssertionError("weights sum to less than a million");
    }

    private void call(String id, String provider, int status) {
        boolean refused = provider.equals("p") && now >= EXPIRES && now < RENEWED;
        calls.add(new Call(now, provider));
        inFlight.merge(provider, 1, Integer::sum);
        issued.merge(provider, 1, Integer::sum);
        ends.add(new End(
                now + (refused ? MILLI : SERVICE),
                CompletionCountsTest.record(Kind.ATTEMPT, id, 1, provider, refused ? status : 200, "", null)));
    }

    private void report() {
        List<ClusterLoad> loads = new ArrayList<>();
        for (String each : List.of("p", "q")) {
            loads.add(new ClusterLoad(
                    "m|" + each, inFlight.getOrDefault(each, 0), issued.getOrDefault(each, 0), 0, 0, TICK));
            issued.put(each, 0);
        }
        LoadReport report = new LoadReport("sidecar", now, loads);
        picker.load(report);
        inbox.offer(new Event.Load(report));
        inbox.offer(new Event.Records(List.copyOf(heard)));
        heard.clear();
    }

    private double shareOfP(long from, long until) {
        long all = calls.stream().filter(c -> c.at >= from && c.at < until).count();
        long p = calls.stream()
                .filter(c -> c.at >= from && c.at < until && c.provider.equals("p"))
                .count();
        return (double) p / all;
    }

    @ParameterizedTest
    @CsvSource({"false, 401", "true, 401", "false, 307", "true, 307", "false, 404", "true, 404", "false, 422"})
    void a_provider_that_refuses_at_once_loses_its_calls_within_seconds_and_gets_them_back(
            boolean governed, int status) {
        run(governed, status);
        assertOutAndBack();
        assertThat(reasons).anyMatch(reason -> reason.contains("answers " + status + " to what others complete"));
        assertThat(reasons.get(reasons.size() - 1)).doesNotContain("to what others complete");
    }

    /** As a dead engine (500) or an overloaded one (529) does. */
    @ParameterizedTest
    @CsvSource({"false, 500", "true, 500", "false, 529", "true, 529"})
    void a_provider_that_fails_at_once_does_so_too(boolean governed, int status) {
        run(governed, status);
        assertOutAndBack();
    }

    private void assertOutAndBack() {
        assertThat(shareOfP(2 * SECOND, EXPIRES)).as("before").isBetween(0.3, 0.7);
        assertThat(shareOfP(EXPIRES + 5 * SECOND, RENEWED))
                .as("while it refuses")
                .isLessThan(0.02);
        assertThat(shareOfP(RENEWED + 15 * SECOND, END)).as("afterwards").isBetween(0.3, 0.7);
    }
}
