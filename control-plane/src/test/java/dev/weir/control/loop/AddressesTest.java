package dev.weir.control.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.testing.Configs;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AddressesTest {
    private static final Duration NEVER = Duration.ofHours(1);

    private final Inbox inbox = new Inbox(10);
    private final Map<String, List<String>> zone = new ConcurrentHashMap<>();
    private final Set<String> silent = ConcurrentHashMap.newKeySet();
    private final CountDownLatch end = new CountDownLatch(1);

    private final Map<String, List<String>> told = new HashMap<>();
    private boolean complete;

    private @Nullable Addresses addresses;

    @AfterEach
    void end() {
        end.countDown();
        if (addresses != null) {
            addresses.close();
        }
    }

    private InetAddress[] lookup(String host) throws UnknownHostException {
        if (silent.contains(host)) {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        List<String> found = zone.get(host);
        if (found == null) {
            throw new UnknownHostException(host);
        }
        InetAddress[] addresses = new InetAddress[found.size()];
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = InetAddress.getByName(found.get(i));
        }
        return addresses;
    }

    private List<Event.Resolved> drain() {
        List<Event.Resolved> events = new ArrayList<>();
        for (Event event : inbox.drain()) {
            Event.Resolved resolved = (Event.Resolved) event;
            events.add(resolved);
            told.putAll(resolved.addresses());
            complete |= resolved.complete();
        }
        return events;
    }

    private boolean complete() {
        drain();
        return complete;
    }

    private Addresses addresses(Map<String, List<String>> stored, Duration period, String... providers) {
        return addresses(this::lookup, stored, period, providers);
    }

    private Addresses addresses(
            Addresses.Lookup lookup, Map<String, List<String>> stored, Duration period, String... providers) {
        addresses = new Addresses(inbox, lookup, Configs.of(providers), stored, period);
        return addresses;
    }

    @Test
    void says_what_resolves_and_leaves_out_what_does_not() {
        zone.put("p.example", List.of("127.0.0.2", "127.0.0.1"));
        Addresses unused = addresses(Map.of(), NEVER, "p", "q");
        await().until(this::complete);
        assertThat(told).isEqualTo(Map.of("p.example", List.of("127.0.0.1", "127.0.0.2")));
    }

    @Test
    void the_last_good_answer_stays_and_a_rotation_is_no_change() {
        zone.put("p.example", List.of("127.0.0.2", "127.0.0.1"));
        zone.put("q.example", List.of("127.0.0.9"));
        Addresses unused = addresses(Map.of(), Duration.ofMillis(20), "p", "q");
        await().until(() -> complete() && told.size() == 2);
        zone.put("p.example", List.of("127.0.0.1", "127.0.0.2"));
        zone.remove("p.example");
        zone.put("q.example", List.of("127.0.0.10"));
        await().until(() -> inbox.size() > 0);
        assertThat(drain()).containsExactly(new Event.Resolved(Map.of("q.example", List.of("127.0.0.10")), false));
    }

    @Test
    void what_is_stored_is_told_at_once_and_only_a_change_of_it_again() {
        Map<String, List<String>> stored =
                Map.of("p.example", List.of("10.0.0.1"), "q.example", List.of("10.0.0.2"), "old", List.of("10.0.0.3"));
        silent.add("p.example");
        zone.put("q.example", List.of("10.0.0.9"));
        Addresses unused = addresses(stored, NEVER, "p", "q");
        assertThat(drain().get(0))
                .isEqualTo(new Event.Resolved(
                        Map.of("p.example", List.of("10.0.0.1"), "q.example", List.of("10.0.0.2")), true));
        await().until(() -> complete() && List.of("10.0.0.9").equals(told.get("q.example")));
        assertThat(told).containsEntry("p.example", List.of("10.0.0.1"));
    }

    @Test
    void fifty_silent_names_hold_up_neither_a_start_nor_the_names_that_answer() {
        String[] providers = IntStream.rangeClosed(0, 50).mapToObj(i -> "n" + i).toArray(String[]::new);
        IntStream.range(0, 50).forEach(i -> silent.add("n" + i + ".example"));
        zone.put("n50.example", List.of("127.0.0.1"));
        Addresses begun = addresses(Map.of(), NEVER, providers);
        await().until(() -> {
            drain();
            return told.containsKey("n50.example");
        });
        assertThat(complete).as("the others have a second").isFalse();
        await().until(this::complete);

        AtomicBoolean reloaded = new AtomicBoolean();
        zone.put("m.example", List.of("127.0.0.2"));
        begun.configure(Configs.of("m"), () -> reloaded.set(true));
        await().until(reloaded::get);
        drain();
        assertThat(told).containsEntry("m.example", List.of("127.0.0.2"));
    }

    @Test
    void a_new_configuration_comes_after_what_was_found_of_its_names_and_before_a_newer_one() {
        List<String> order = new java.util.concurrent.CopyOnWriteArrayList<>();
        zone.put("p.example", List.of("127.0.0.1"));
        silent.add("q.example");
        Addresses begun = addresses(Map.of(), NEVER, "p");
        begun.configure(Configs.of("p", "q"), () -> order.add("first"));
        begun.configure(Configs.of("p", "r"), () -> order.add("second"));
        await().until(() -> order.size() == 2);
        assertThat(order).containsExactly("first", "second");
    }

    @Test
    void a_lookup_that_throws_is_no_end() {
        AtomicBoolean broken = new AtomicBoolean(true);
        Addresses.Lookup lookup = host -> {
            if (broken.get()) {
                throw new IllegalStateException("a defect");
            }
            return new InetAddress[] {InetAddress.getLoopbackAddress()};
        };
        Addresses unused = addresses(lookup, Map.of(), Duration.ofMillis(20), "p");
        await().until(this::complete);
        broken.set(false);
        await().until(() -> {
            drain();
            return told.containsKey("p.example");
        });
    }
}
