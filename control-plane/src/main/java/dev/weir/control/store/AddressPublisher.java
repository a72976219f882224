package dev.weir.control.store;

import dev.weir.control.model.Config;
import dev.weir.control.model.Hosts;
import dev.weir.control.model.Image;
import dev.weir.control.model.Publisher;
import dev.weir.control.threads.Guarded;
import dev.weir.control.threads.Named;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores where providers are, on a thread of its own, when that changes: the next process starts with it. While the database
 * does not take it, it is tried again.
 */
public final class AddressPublisher implements Publisher, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AddressPublisher.class);
    private static final long RETRY_SECONDS = 5;

    private final AddressStore store;
    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(1, Named.threads("weir-address-store"));
    private @Nullable Config config;
    private Map<String, List<String>> seen = Map.of();
    private volatile Map<String, List<String>> newest = Map.of();
    // of the thread
    private Map<String, List<String>> stored = Map.of();
    private String problem = "";

    public AddressPublisher(AddressStore store) {
        this.store = store;
        thread.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        var unused = thread.scheduleWithFixedDelay(
                new Guarded("storing addresses", this::save), RETRY_SECONDS, RETRY_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void publish(Image image, boolean released) {
        if (image.config().equals(config) && image.addresses().equals(seen)) {
            return;
        }
        config = image.config();
        seen = image.addresses();
        Map<String, List<String>> byHost = new HashMap<>();
        Hosts.of(image.config()).forEach((key, host) -> {
            List<String> found = image.addresses().getOrDefault(key, List.of());
            if (!found.isEmpty()) {
                byHost.put(host, found);
            }
        });
        newest = Map.copyOf(byHost);
        thread.execute(new Guarded("storing addresses", this::save));
    }

    private void save() {
        Map<String, List<String>> now = newest;
        if (now.isEmpty() || now.equals(stored)) {
            return;
        }
        try {
            store.save(now);
            stored = now;
            if (!problem.isEmpty()) {
                log.info("addresses are stored again");
                problem = "";
            }
        } catch (RuntimeException e) {
            if (!problem.equals(e.toString())) { // a disk may be full for days
                problem = e.toString();
                log.error("addresses are not stored yet: {}; trying again", problem);
            }
        }
    }

    /** Stores what is not stored yet. */
    @Override
    public void close() {
        thread.execute(new Guarded("storing addresses", this::save));
        thread.shutdown();
        try {
            if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
                log.warn("addresses are not stored: the database does not answer");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
