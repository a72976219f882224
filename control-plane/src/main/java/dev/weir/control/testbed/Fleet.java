package dev.weir.control.testbed;

import dev.weir.control.testbed.provider.ProviderSpec;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Five unequal providers, each named after its capacity: 415 work units per second, the largest nine times the smallest. */
public final class Fleet {
    public static final String MODEL = "weir-demo";
    public static final String POOL = "chat";

    public static final List<ProviderSpec> PROVIDERS = List.of(
            provider("p20", 1, 50),
            provider("p40", 2, 50),
            provider("p80", 4, 50),
            provider("p100", 4, 40),
            provider("p175", 7, 40));

    /** The largest provider, which something happens to. */
    public static final String LARGEST = "p175";

    private Fleet() {}

    /** Work units per second of all. */
    public static double capacity() {
        return PROVIDERS.stream().mapToDouble(ProviderSpec::capacity).sum();
    }

    private static ProviderSpec provider(String name, int slots, long meanMillis) {
        return new ProviderSpec(name, MODEL, slots, TimeUnit.MILLISECONDS.toNanos(meanMillis));
    }
}
