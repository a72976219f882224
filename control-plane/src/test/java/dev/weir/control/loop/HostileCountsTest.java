package dev.weir.control.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.control.model.Config;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Provider;
import dev.weir.control.model.Work;
import dev.weir.control.testing.Configs;
import dev.weir.control.testing.PoolMaker;
import dev.weir.control.testing.ProviderMaker;
import dev.weir.control.threads.OneThread;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Content;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.LoadReport.ClusterLoad;
import dev.weir.xds.testing.RecordMaker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a provider claims to have counted moves nobody's price. Simulated time: a tick is 250 ms. */
final class HostileCountsTest {
    private static final long TICK = 250_000_000L;
    private static final int WARM_TICKS = 240; // a minute
    private static final int HOSTILE_TICKS = 360; // 90 s, in which the price rose to nine times itself once
    private static final int CALLS_PER_TICK = 15;
    private static final Work WORK = new Work.PerToken(0.1, 1, 100);

    /** What the liar makes of an honest count, at its n-th call. */
    private enum Lie {
        HONEST,
        ENORMOUS,
        DOUBLING,
        EVERY_50TH_ENORMOUS,
        EVERY_50TH_POSSIBLE,
        ALWAYS_POSSIBLE,
        NOTHING,
        ZERO,
        TOTAL_ONLY;

        @Nullable
        Usage of(Usage honest, long n) {
            boolean fiftieth = n % 50 == 0;
            return switch (this) {
                case HONEST -> honest;
                case ENORMOUS -> times(honest, 1e11);
                case DOUBLING -> times(honest, Math.pow(2, (double) Math.min(n, 40)));
                case EVERY_50TH_ENORMOUS -> fiftieth ? times(honest, 1e11) : honest;
                case EVERY_50TH_POSSIBLE -> fiftieth ? times(honest, 3) : honest;
                case ALWAYS_POSSIBLE -> times(honest, 3);
                case NOTHING -> null;
                case ZERO -> new Usage(0, 0, 0, 0);
                case TOTAL_ONLY -> new Usage(honest.promptTokens(), honest.completionTokens(), 1_000_000_000_000L, 0);
            };
        }

        private static Usage times(Usage honest, double factor) {
            long prompt = (long) (honest.promptTokens() * factor);
            long completion = (long) (honest.completionTokens() * factor);
            return new Usage(prompt, completion, prompt + completion, 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void one_liar_of_five_moves_the_price_by_less_than_a_hundredth(Lie lie) {
        assertSame(run(lie, "a", "b", "c", "d", "e"), run(Lie.HONEST, "a", "b", "c", "d", "e"));
    }

    @ParameterizedTest
    @EnumSource(names = {"ENORMOUS", "TOTAL_ONLY", "EVERY_50TH_ENORMOUS", "EVERY_50TH_POSSIBLE", "DOUBLING"})
    void one_alone_moves_its_price_neither_by_what_cannot_be_nor_by_what_is_rare(Lie lie) {
        assertSame(run(lie, "e"), run(Lie.HONEST, "e"));
    }

    @Test
    void in_honest_pools_the_work_is_what_was_counted_however_large_the_calls_of_each_are() {
        SplittableRandom random = new SplittableRandom(2);
        for (String[] providers : new String[][] {{"a"}, {"a", "b"}, {"a", "b", "c"}, {"a", "b", "c", "d"}}) {
            Config config = config(providers);
            CompletionCounts book = new CompletionCounts(
                    new OneThread(), name -> Optional.ofNullable(config.pools().get(name)));
            double counted = 0;
            int calls = 20_000;
            for (int i = 0; i < calls; i++) {
                // the last has calls ten times as large, as a sticky pool may have; the tokenizer has its own mind
                int provider = i % providers.length;
                int large = provider == providers.length - 1 ? 10 : 1;
                int pieces = large * (40 + random.nextInt(121));
                int prompt = 20 + random.nextInt(41);
                Usage usage = new Usage(prompt, pieces * 2L + random.nextInt(5), prompt + pieces * 2L, 0);
                counted += 0.1 * prompt + usage.completionTokens();
                book.add(record(Kind.CALL, "" + i, providers[provider], usage, prompt, pieces));
            }
            double mean = counted / calls;
            assertThat(book.workPerRequest(Objects.requireNonNull(config.pools().get("m"))))
                    .as(String.join(" ", providers))
                    .isCloseTo(mean, within(0.05 * mean));
        }
    }

    private static void assertSame(double hostile, double honest) {
        assertThat(honest).as("the price moves").isGreaterThan(105);
        assertThat(hostile / honest).isCloseTo(1, within(0.01));
    }

    /** The price at the end, not rounded; the liar is provider {@code e}. */
    private static double run(Lie lie, String... providers) {
        Config config = config(providers);
        Inbox inbox = new Inbox(10_000);
        long[] now = {0};
        ControlLoop loop = new ControlLoop(inbox, config, 1, Optional.empty(), List.of(), 0, () -> now[0] / 1_000_000);
        inbox.offer(new Event.Declared(FileDeclarations.of(config, 1)));
        Map<String, List<String>> addresses = new TreeMap<>();
        for (String provider : providers) {
            addresses.put(provider + ".example", List.of("127.0.0.1"));
        }
        inbox.offer(new Event.Resolved(addresses, true));
        SplittableRandom random = new SplittableRandom(1);
        long told = 0;
        double price = 0;
        for (int tick = 0; tick < WARM_TICKS + HOSTILE_TICKS; tick++) {
            now[0] += TICK;
            List<ClusterLoad> loads = new ArrayList<>();
            List<AccessRecord> records = new ArrayList<>();
            for (String provider : providers) {
                int calls = CALLS_PER_TICK / providers.length;
                loads.add(new ClusterLoad("m|" + provider, 90 / providers.length, calls, 0, 0, TICK));
                for (int i = 0; i < calls; i++) {
                    String id = tick + provider + i;
                    int pieces = 40 + random.nextInt(121);
                    int prompt = 20 + random.nextInt(41);
                    Usage honest = new Usage(prompt, pieces + random.nextInt(5) - 2, prompt + pieces, 0);
                    boolean lies = provider.equals("e") && tick >= WARM_TICKS;
                    records.add(record(Kind.ATTEMPT, id, provider, null, prompt, pieces));
                    records.add(
                            record(Kind.CALL, id, provider, lies ? lie.of(honest, ++told) : honest, prompt, pieces));
                }
            }
            inbox.offer(new Event.Load(new LoadReport("s", now[0], loads)));
            inbox.offer(new Event.Records(records));
            ControlLoop.Result result = loop.tick(now[0]);
            price = 100 * Math.exp(result.image().proposal().pools().get(0).logPrice());
        }
        return price;
    }

    private static AccessRecord record(
            Kind kind, String id, String provider, @Nullable Usage usage, int prompt, int pieces) {
        return RecordMaker.record(kind, id, 1)
                .lasting(1_500_000, 500)
                .pool("m")
                .provider(provider)
                .asked("POST", "/v1/chat/completions", "m", true)
                .usage(usage)
                .bytes(120 + 4L * prompt, 500 + 200L * pieces)
                .content(new Content(pieces, pieces, 0))
                .make();
    }

    /** Just above the price's target when all is honest. */
    private static Config config(String... providers) {
        Config plain = Configs.of(providers);
        double each = 4.0 * CALLS_PER_TICK * 104 / providers.length / 0.96;
        Map<String, Provider> all = new TreeMap<>();
        plain.providers()
                .forEach((name, p) -> all.put(
                        name,
                        ProviderMaker.like(p)
                                .declared(each, 100 / providers.length)
                                .make()));
        Pool pool = PoolMaker.like(Objects.requireNonNull(plain.pools().get("m")))
                .work(WORK)
                .make();
        return new Config(plain.mesh(), all, Map.of("m", pool));
    }
}
