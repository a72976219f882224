package dev.weir.control.loop;

import dev.weir.control.model.ClusterName;
import dev.weir.control.model.Config;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns providers' host names into IP addresses off the loop's thread, because sidecars are sent addresses only. Repeated
 * every {@code periodSeconds}; the last good answer stays when a name server does not answer.
 */
public final class Addresses implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Addresses.class);

    /** Looks a host name up. */
    public interface Lookup {
        /** All addresses, at least one. */
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    private final Inbox inbox;
    private final Lookup lookup;
    private final ScheduledExecutorService executor = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "weir-addresses");
        thread.setDaemon(true);
        return thread;
    });
    private Map<String, String> hosts = Map.of();
    private final Map<String, List<String>> known = new TreeMap<>();
    private boolean told;

    public Addresses(Inbox inbox, Lookup lookup, long periodSeconds) {
        this.inbox = inbox;
        this.lookup = lookup;
        var unused = executor.scheduleWithFixedDelay(this::refresh, periodSeconds, periodSeconds, TimeUnit.SECONDS);
    }

    /** Looks up the hosts of a new configuration; returns once that is done. Any thread. */
    public void configure(Config config) {
        Map<String, String> next = new TreeMap<>();
        config.providers().forEach((name, provider) -> {
            next.put(name, provider.side().map(Config.Side::host).orElse(provider.host()));
            provider.side().ifPresent(side -> next.put(ClusterName.firstAttempts(name), provider.host()));
        });
        try {
            executor.submit(() -> {
                        known.keySet().removeIf(name -> !java.util.Objects.equals(hosts.get(name), next.get(name)));
                        hosts = next;
                        told = false;
                        refresh();
                    })
                    .get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("address lookup failed", e.getCause());
        }
    }

    private void refresh() {
        boolean changed = !told;
        for (Map.Entry<String, String> entry : hosts.entrySet()) {
            try {
                List<String> found = new ArrayList<>();
                for (InetAddress address : lookup.resolve(entry.getValue())) {
                    found.add(address.getHostAddress());
                }
                // name servers rotate their answers; a rotation is no change
                String[] sorted = found.stream().distinct().sorted().toArray(String[]::new);
                changed |= !Arrays.asList(sorted).equals(known.put(entry.getKey(), List.of(sorted)));
            } catch (UnknownHostException e) {
                log.warn(
                        "provider {}: host \"{}\" does not resolve; {}",
                        entry.getKey(),
                        entry.getValue(),
                        known.containsKey(entry.getKey()) ? "its last addresses stay" : "it gets no traffic");
            }
        }
        if (changed) {
            told = true;
            inbox.offer(new Event.Resolved(known));
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
