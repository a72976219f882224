package dev.weir.control.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.testing.Configs;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class AddressesTest {
    private final Inbox inbox = new Inbox(10);
    private final Map<String, List<String>> zone = new ConcurrentHashMap<>();

    private InetAddress[] lookup(String host) throws UnknownHostException {
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

    @Test
    void says_what_resolves_and_leaves_out_what_does_not() {
        zone.put("p.example", List.of("127.0.0.2", "127.0.0.1"));
        try (Addresses addresses = new Addresses(inbox, this::lookup, 3600)) {
            addresses.configure(Configs.of("p", "q"));
            assertThat(inbox.drain())
                    .containsExactly(new Event.Resolved(Map.of("p", List.of("127.0.0.1", "127.0.0.2"))));
        }
    }

    @Test
    void the_last_good_answer_stays_and_a_rotation_is_no_change() {
        zone.put("p.example", List.of("127.0.0.2", "127.0.0.1"));
        try (Addresses addresses = new Addresses(inbox, this::lookup, 1)) {
            addresses.configure(Configs.of("p"));
            inbox.drain();
            zone.put("p.example", List.of("127.0.0.1", "127.0.0.2"));
            zone.remove("p.example");
            zone.put("q.example", List.of("127.0.0.9"));
            addresses.configure(Configs.of("p", "q"));
            assertThat(inbox.drain())
                    .containsExactly(new Event.Resolved(
                            Map.of("p", List.of("127.0.0.1", "127.0.0.2"), "q", List.of("127.0.0.9"))));
            zone.put("q.example", List.of("127.0.0.10"));
            Awaitility.await().until(() -> inbox.size() > 0);
            assertThat(inbox.drain())
                    .containsExactly(new Event.Resolved(
                            Map.of("p", List.of("127.0.0.1", "127.0.0.2"), "q", List.of("127.0.0.10"))));
        }
    }
}
