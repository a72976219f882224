package dev.weir.control.testbed.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.testbed.provider.DemoProvider;
import dev.weir.control.testbed.provider.ProviderSpec;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The generator against real providers, with nothing between. */
final class LoadGeneratorIT {
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final DemoProvider first = provider("first");
    private final DemoProvider second = provider("second");
    private final LoadGenerator generator = new LoadGenerator(
            (EventLoop) group.next(), List.of(address(first), address(second)), "m", System::nanoTime);

    @AfterEach
    void stop() {
        generator.close();
        first.close();
        second.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void every_call_is_sent_by_turns_and_answered_with_what_the_provider_measured() {
        List<PlannedCall> plan = CallPlans.poisson(1, 250, 2_000_000_000L);
        LoadRun run = generator.start(plan, System.nanoTime());
        await().atMost(Duration.ofSeconds(30)).until(() -> run.open() == 0);

        List<CallResult> results = run.results(0).stream()
                .sorted(Comparator.comparingInt(result -> result.call().number()))
                .toList();
        assertThat(results).hasSameSizeAs(plan).allMatch(CallResult::answered);
        assertThat(results).extracting(CallResult::call).isEqualTo(plan);
        assertThat(first.counts().completed() + second.counts().completed()).isEqualTo(plan.size());
        assertThat(first.counts().completed()).isEqualTo((plan.size() + 1) / 2);
        for (CallResult result : results) {
            // 10 ms per unit of job size, measured in microseconds
            assertThat(result.serviceNanos())
                    .isBetween(
                            (long) (result.call().job() * 1e7) - 2_000,
                            (long) (result.call().job() * 1e7) + 2_000);
            assertThat(result.responseNanos()).isGreaterThan(result.serviceNanos() - 1);
            assertThat(result.tokens() > 0)
                    .isEqualTo(!result.call().streamed() || result.call().asksUsage());
            assertThat(result.headers().missing()).isEqualTo(7); // nobody between who would write them
        }
    }

    @Test
    void calls_nobody_answers_stay_open_and_fail_when_they_are_cut() {
        first.setSpeed(0);
        List<PlannedCall> plan = CallPlans.poisson(1, 200, 500_000_000L);
        LoadRun run = generator.start(plan, System.nanoTime());
        int toFirst = (plan.size() + 1) / 2;
        await().atMost(Duration.ofSeconds(30)).until(() -> run.open() == toFirst);
        await().until(() -> first.counts().attempts() == toFirst);

        generator.close();
        await().until(() -> run.open() == 0);
        assertThat(run.results(0))
                .filteredOn(result -> !result.answered())
                .hasSize(toFirst)
                .allMatch(result -> result.status() == 0 && result.problem().isPresent());
        await().until(() -> first.counts().cancelled() == toFirst);
    }

    @Test
    void a_port_that_nobody_listens_on_is_a_failed_call() {
        first.close();
        LoadRun run = generator.start(CallPlans.poisson(1, 100, 200_000_000L), System.nanoTime());
        await().atMost(Duration.ofSeconds(30)).until(() -> run.open() == 0);
        assertThat(run.results(0)).anyMatch(CallResult::answered).anyMatch(result -> result.status() == 0);
    }

    private DemoProvider provider(String name) {
        return DemoProvider.start(
                new ProviderSpec(name, "m", 50, 10_000_000),
                0,
                (EventLoop) group.next(),
                System::nanoTime,
                InstantSource.system(),
                new Random(1));
    }

    private static InetSocketAddress address(DemoProvider provider) {
        return new InetSocketAddress("127.0.0.1", provider.port());
    }
}
