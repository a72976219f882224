package dev.weir.xds.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * How often tests look whether what they wait for is there. Awaitility looks every 100 ms, the first time after as much; with
 * hundreds of waits that end at once, that is minutes of a test run.
 *
 * <p>JUnit finds it by {@code META-INF/services}, in each module that has these tests' jar.
 */
public final class QuickPolls implements BeforeAllCallback {
    private static final Duration INTERVAL = Duration.ofMillis(40);

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultPollInterval(INTERVAL);
    }
}
