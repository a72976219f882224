package dev.weir.control.collect;

import dev.weir.control.testing.StdinFailpoints;
import dev.weir.control.testing.SteppedClock;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** {@code weir collect} with failpoints; the same options. */
public final class FailingCollector {
    private FailingCollector() {}

    public static void main(String[] args) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < args.length; i += 2) {
            options.put(args[i], args[i + 1]);
        }
        new Collector(
                        new Collector.Settings(
                                String.valueOf(options.get("--sidecar")),
                                Path.of(String.valueOf(options.get("--log"))),
                                HostPort.parse(String.valueOf(options.get("--control-plane"))),
                                Optional.of(HostPort.parse(String.valueOf(options.get("--envoy-admin")))),
                                Long.parseLong(String.valueOf(options.get("--max-bytes")))),
                        System::nanoTime,
                        RandomGenerator.getDefault(),
                        StdinFailpoints.listen(new SteppedClock()))
                .run();
    }
}
