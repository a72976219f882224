package dev.weir.bench.loop;

import io.netty.channel.EventLoop;
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
    /** Done by a thread that may wait. */
    interface Deed {
        void on(Stand stand);
    }

    /**
     * What a deed may touch.
     *
     * @param loop the providers' thread
     * @param notes takes figures by what they are; they go with the run
     */
    record Stand(List<JobServer> providers, EventLoop loop, Mesh mesh, BiConsumer<String, Double> notes) {
        /** Jobs that are at all providers now. */
        int inSystem() {
            return loop.submit(() ->
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
