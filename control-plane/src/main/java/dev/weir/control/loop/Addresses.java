package dev.weir.control.loop;

import dev.weir.control.model.Config;
import dev.weir.control.model.Hosts;
import dev.weir.control.threads.Guarded;
import dev.weir.control.threads.Named;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns providers' host names into IP addresses, because sidecars are sent addresses only. All names are looked up at once,
 * each on a thread of its own, and again every {@code period}; nobody waits for a name server, and what it said last stays
 * while it says nothing.
 */
public final class Addresses implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Addresses.class);
    /** How long a start, or a new configuration, is held back for names that were never looked up. */
    static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final int MAX_LOOKUPS = 64;

    /** Looks a host name up. */
    public interface Lookup {
        /** All addresses, at least one. May block for as long as it likes. */
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    private final Inbox inbox;
    private final Lookup lookup;
    private final ScheduledThreadPoolExecutor turns =
            new ScheduledThreadPoolExecutor(1, Named.threads("weir-addresses"));
    private final ThreadPoolExecutor lookups = new ThreadPoolExecutor(
            MAX_LOOKUPS, MAX_LOOKUPS, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Named.threads("weir-lookup"));

    // of the turns' thread
    private final Map<String, List<String>> known = new HashMap<>();
    private final Set<String> hosts = new TreeSet<>();
    private final Set<String> asked = new HashSet<>();
    private final Set<String> failing = new HashSet<>();
    /** Hosts that {@link #ready} waits for. */
    private final Set<String> awaited = new TreeSet<>();

    private @Nullable Runnable ready;

    /**
     * Tells what is stored, then looks up every host of the first configuration.
     *
     * @param first the configuration
     * @param stored addresses by host, as found by an earlier process
     */
    public Addresses(Inbox inbox, Lookup lookup, Config first, Map<String, List<String>> stored, Duration period) {
        this.inbox = inbox;
        this.lookup = lookup;
        lookups.allowCoreThreadTimeOut(true);
        turns.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy()); // an answer after the end
        known.putAll(stored);
        known.keySet().retainAll(Hosts.of(first).values());
        inbox.offer(new Event.Resolved(
                known, known.keySet().containsAll(Hosts.of(first).values())));
        configure(first, () -> inbox.offer(new Event.Resolved(Map.of(), true)));
        var unused = turns.scheduleWithFixedDelay(
                new Guarded("address lookup", this::round), period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * Looks up the hosts of a new configuration. May be called on any thread; returns at once.
     *
     * @param then runs when every host without an address was looked up, {@link #PATIENCE} later at most, and after all that
     *     was found is in the inbox
     */
    public void configure(Config config, Runnable then) {
        Set<String> next = new TreeSet<>(Hosts.of(config).values());
        turns.execute(new Guarded("address lookup", () -> begin(next, then)));
    }

    private void begin(Set<String> next, Runnable then) {
        settle(); // what came before goes first
        hosts.clear();
        hosts.addAll(next);
        known.keySet().retainAll(next);
        failing.retainAll(next);
        awaited.addAll(next);
        awaited.removeAll(known.keySet());
        ready = then;
        round();
        if (awaited.isEmpty()) {
            settle();
            return;
        }
        var unused = turns.schedule(
                new Guarded("address lookup", () -> overdue(then)), PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void round() {
        List<String> due = new ArrayList<>(hosts);
        due.removeIf(asked::contains);
        due.sort(Comparator.comparing(failing::contains)); // the dead do not stand before the living
        for (String host : due) {
            asked.add(host);
            lookups.execute(() -> {
                List<String> found = found(host);
                turns.execute(new Guarded("address lookup", () -> answered(host, found)));
            });
        }
    }

    /**
     * The addresses that were found, sorted, because name servers rotate their answers and a rotation is no change; empty =
     * nothing was found.
     */
    private List<String> found(String host) {
        try {
            return Arrays.stream(lookup.resolve(host))
                    .map(InetAddress::getHostAddress)
                    .distinct()
                    .sorted()
                    .toList();
        } catch (UnknownHostException e) {
            return List.of(); // the JDK says the same of a name that is not there and of a server that is not
        } catch (RuntimeException e) {
            log.error("looking up host \"{}\" failed", host, e);
            return List.of();
        }
    }

    private void answered(String host, List<String> found) {
        asked.remove(host);
        if (!hosts.contains(host)) {
            return;
        }
        if (found.isEmpty()) {
            failed(host);
        } else {
            if (failing.remove(host)) {
                log.info("host \"{}\" resolves", host);
            }
            if (!found.equals(known.put(host, found))) {
                inbox.offer(new Event.Resolved(Map.of(host, found), false));
            }
        }
        awaited.remove(host);
        if (awaited.isEmpty()) {
            settle();
        }
    }

    private void overdue(Runnable then) {
        if (ready == then) {
            failing.addAll(awaited);
            log.warn(
                    "hosts {} are looked up for longer than {} ms: nobody waits for them",
                    awaited,
                    PATIENCE.toMillis());
            settle();
        }
    }

    private void failed(String host) {
        if (failing.add(host)) {
            log.warn(
                    "host \"{}\" does not resolve; {}",
                    host,
                    known.containsKey(host) ? "its last addresses stay" : "no address of it is known");
        }
    }

    private void settle() {
        Runnable due = ready;
        ready = null;
        awaited.clear();
        if (due != null) {
            due.run();
        }
    }

    @Override
    public void close() {
        turns.shutdownNow();
        lookups.shutdownNow();
    }
}
