package dev.weir.bench.loop;

import io.netty.channel.EventLoop;
import java.util.List;
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
        void on(List<JobServer> providers, EventLoop providerLoop, Mesh mesh);
    }

    /** The provider at position {@code server} goes on at another speed: 1 = as it should, 0 = answers nothing. */
    static Event speed(double atSeconds, int server, double speed) {
        return new Event(
                atSeconds,
                (providers, loop, mesh) ->
                        loop.submit(() -> providers.get(server).setSpeed(speed)).syncUninterruptibly());
    }

    /** SIGKILL to the control plane, which is started again after a while; peers have none. */
    static Stream<Event> outage(double fromSeconds, double toSeconds) {
        return Stream.of(
                new Event(fromSeconds, (providers, loop, mesh) -> {
                    if (mesh instanceof WeirMesh weir) {
                        weir.killControlPlane();
                    }
                }),
                new Event(toSeconds, (providers, loop, mesh) -> {
                    if (mesh instanceof WeirMesh weir) {
                        weir.restartControlPlane();
                    }
                }));
    }
}
