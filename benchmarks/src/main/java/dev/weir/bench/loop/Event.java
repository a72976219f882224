package dev.weir.bench.loop;

import dev.weir.control.testbed.Children;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/**
 * Something that happens in a run.
 *
 * @param atSeconds from its start
 * @param deed what happens
 */
record Event(double atSeconds, Deed deed) {
    /** What is done at an event, by a thread that may wait. */
    interface Deed {
        void on(Stand stand);
    }

    /**
     * What a deed may touch.
     *
     * @param bench its provider loop is the providers' thread
     * @param notes takes figures by what they are; they go with the run
     */
    record Stand(Bench bench, List<JobServer> providers, Mesh mesh, BiConsumer<String, Double> notes) {
        EventLoop loop() {
            return bench.providerLoop();
        }

        /** Jobs that are at all providers now. */
        int inSystem() {
            return loop().submit(() ->
                            providers.stream().mapToInt(JobServer::inSystem).sum())
                    .syncUninterruptibly()
                    .getNow();
        }
    }

    /** The provider at position {@code server} goes on at another speed: 1 = as it should, 0 = answers nothing. */
    static Event speed(double atSeconds, int server, double speed) {
        return new Event(
                atSeconds,
                stand -> stand.loop()
                        .submit(() -> stand.providers().get(server).setSpeed(speed))
                        .syncUninterruptibly());
    }

    /**
     * A {@link Hog} for each processor of the machine.
     *
     * @param longestSeconds after which one ends by itself
     */
    static Stream<Event> hogs(double fromSeconds, double toSeconds, double longestSeconds) {
        List<Children.Child> hogs = new ArrayList<>();
        return Stream.of(
                new Event(fromSeconds, stand -> {
                    Bench bench = stand.bench();
                    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
                        List<String> command = Hog.command(bench.java(), longestSeconds);
                        hogs.add(bench.children().start("hog-" + i, bench.folder(), command));
                    }
                }),
                new Event(toSeconds, stand -> stand.bench().children().stop(hogs)));
    }

    /** SIGKILL to the control plane, which is started again after a while; peers have none. */
    static Stream<Event> outage(double fromSeconds, double toSeconds) {
        return Stream.of(
                new Event(fromSeconds, stand -> {
                    if (stand.mesh() instanceof WeirMesh weir) {
                        weir.killControlPlane();
                    }
                }),
                new Event(toSeconds, stand -> {
                    if (stand.mesh() instanceof WeirMesh weir) {
                        weir.restartControlPlane();
                    }
                }));
    }
}
