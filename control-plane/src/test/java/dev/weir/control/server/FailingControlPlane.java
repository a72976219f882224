package dev.weir.control.server;

import dev.weir.control.config.ConfigFeed;
import dev.weir.control.config.DirectorySource;
import dev.weir.control.testing.StdinFailpoints;
import dev.weir.control.testing.SteppedClock;
import java.nio.file.Path;
import java.util.Optional;

/** {@code weir run} with failpoints and a clock that can be set: {@code DIRECTORY}. */
final class FailingControlPlane {
    private FailingControlPlane() {}

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        ConfigFeed feed = new ConfigFeed(new DirectorySource(directory, name -> Optional.empty()));
        SteppedClock clock = new SteppedClock();
        ControlPlane running =
                new ControlPlane(feed, Outside.real().withClock(clock).withFailpoints(StdinFailpoints.listen(clock)));
        Runtime.getRuntime().addShutdownHook(new Thread(running::close));
        Thread.currentThread().join();
    }
}
