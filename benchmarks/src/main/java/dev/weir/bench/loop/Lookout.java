package dev.weir.bench.loop;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Looks at all providers fifty times a second, on their event loop. */
final class Lookout {
    private static final long PERIOD_MILLIS = 20;

    private final List<JobServer> providers;
    private final EventLoop loop;
    private final LongSupplier nanoClock;
    private final long startNanos;
    private final List<Run.Look> looks = new ArrayList<>();
    private final Future<?> timer;

    Lookout(List<JobServer> providers, EventLoop loop, LongSupplier nanoClock, long startNanos) {
        this.providers = providers;
        this.loop = loop;
        this.nanoClock = nanoClock;
        this.startNanos = startNanos;
        this.timer = loop.scheduleAtFixedRate(this::look, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        looks.add(new Run.Look(
                (nanoClock.getAsLong() - startNanos) / 1e9,
                providers.stream().mapToInt(JobServer::waiting).sum(),
                providers.stream().map(JobServer::attempts).toList()));
    }

    /** Looks once more and no more. */
    List<Run.Look> end() {
        return loop.submit(() -> {
                    timer.cancel(false);
                    look();
                    return List.copyOf(looks);
                })
                .syncUninterruptibly()
                .getNow();
    }
}
