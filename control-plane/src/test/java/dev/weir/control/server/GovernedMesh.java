package dev.weir.control.server;

import static org.awaitility.Awaitility.await;

import dev.weir.control.testbed.provider.DemoProvider;
import dev.weir.control.testbed.provider.ProviderSpec;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;

/** A running mesh before providers with slots and queues that are named a, b, ... and serve the pool {@code chat}. */
final class GovernedMesh extends RunningMesh {
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = loops.next();
    private final List<DemoProvider> providers = new ArrayList<>();

    /**
     * @param fields of the governed pool {@code chat}, in YAML's flow style
     * @param slots of each provider
     * @param serviceMillis mean service time
     */
    GovernedMesh(Path directory, String fields, int[] slots, int serviceMillis, int sidecarCount) throws IOException {
        this(directory, fields, slots, serviceMillis, sidecarCount, IntUnaryOperator.identity());
    }

    /** @param line port by which sidecars reach the control plane at a port */
    GovernedMesh(Path directory, String fields, int[] slots, int serviceMillis, int sidecarCount, IntUnaryOperator line)
            throws IOException {
        this(directory, fields, slots, serviceMillis, sidecarCount, line, bootstrap -> bootstrap);
    }

    /** @param change of sidecars' bootstraps */
    GovernedMesh(
            Path directory,
            String fields,
            int[] slots,
            int serviceMillis,
            int sidecarCount,
            IntUnaryOperator line,
            UnaryOperator<String> change)
            throws IOException {
        this(
                directory,
                members -> object(
                        "ProviderPool",
                        "chat",
                        "match: {model: chat}, providers: " + members + ", admission: governed, " + fields),
                provider -> ", capacity: {workUnitsPerSecond: %s, slots: %d}"
                        .formatted(provider.capacity(), provider.slots()),
                slots,
                serviceMillis,
                sidecarCount,
                line,
                change);
    }

    /**
     * @param pools of the members, all providers, in YAML's flow style
     * @param declared what a provider's object says of its capacity, with a comma in front
     */
    GovernedMesh(
            Path directory,
            Function<String, String> pools,
            Function<ProviderSpec, String> declared,
            int[] slots,
            int serviceMillis,
            int sidecarCount,
            IntUnaryOperator line,
            UnaryOperator<String> change)
            throws IOException {
        super(directory);
        StringBuilder objects = new StringBuilder();
        List<String> members = new ArrayList<>();
        for (int i = 0; i < slots.length; i++) {
            String name = String.valueOf((char) ('a' + i));
            DemoProvider provider = DemoProvider.start(
                    new ProviderSpec(name, "chat", slots[i], serviceMillis * 1_000_000L),
                    0,
                    loop,
                    System::nanoTime,
                    InstantSource.system(),
                    new SplittableRandom(i));
            providers.add(provider);
            members.add("{provider: " + name + "}");
            objects.append(provider(name, provider.port(), declared.apply(provider.spec())));
        }
        start(objects + pools.apply(members.toString()), sidecarCount, line, change);
        for (int i = 0; i < sidecarCount; i++) {
            int at = i;
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> call(at).get(10, TimeUnit.SECONDS).statusCode() == 200);
        }
        await().atMost(PATIENCE).until(() -> grants() == 0);
    }

    DemoProvider provider(int i) {
        return providers.get(i);
    }

    /** Attempts that a provider has seen since asked last. */
    int attempts(int i) {
        return providers.get(i).takeAttempts().size();
    }

    /** A call to the pool {@code chat}. */
    CompletableFuture<HttpResponse<String>> call(int sidecar, String... headers) {
        return ask(sidecar, "chat", headers);
    }

    @Override
    public void close() {
        super.close();
        providers.forEach(DemoProvider::close);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
