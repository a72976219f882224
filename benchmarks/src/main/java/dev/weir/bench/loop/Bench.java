package dev.weir.bench.loop;

import dev.weir.control.testbed.Children;
import dev.weir.control.testbed.Ports;
import io.netty.channel.EventLoop;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * What every run needs.
 *
 * @param envoy Envoy 1.40.0
 * @param java command that runs the application under test, but for its arguments
 * @param folder for files; each run makes a folder of its own in it
 * @param children in charge of all processes
 * @param ports hands out free ports
 * @param providerLoop thread of the providers
 * @param loadLoop thread of the load
 * @param nanoClock monotonic
 */
record Bench(
        Path envoy,
        List<String> java,
        Path folder,
        Children children,
        Ports ports,
        EventLoop providerLoop,
        EventLoop loadLoop,
        LongSupplier nanoClock) {
    int port() {
        return ports.any();
    }
}
