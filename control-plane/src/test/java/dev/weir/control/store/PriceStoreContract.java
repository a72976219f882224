package dev.weir.control.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.weights.Proposal.Announcement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What announced prices may rely on, whatever database they are in. */
abstract class PriceStoreContract {
    private static final Announcement CHAT = new Announcement("chat", 2, 110, Map.of("a", 111L, "b", 110L));
    private static final Announcement LATER = new Announcement("chat", 3, Long.MAX_VALUE, Map.of("b", 7L));
    private static final Announcement EMPTY = new Announcement("no-members", 9, 1, Map.of());

    /** The one of this test, as often as it is closed. */
    abstract Database database();

    @Test
    void announced_prices_survive_a_restart_and_each_pool_s_newest_replaces_the_one_before() {
        try (Database database = database()) {
            PriceStore store = new SqlPriceStore(database);
            assertThat(store.announced()).isEmpty();
            store.save(List.of(CHAT, EMPTY));
        }
        try (Database database = database()) {
            PriceStore store = new SqlPriceStore(database);
            assertThat(store.announced()).containsExactlyInAnyOrder(CHAT, EMPTY);
            store.save(List.of(LATER));
            store.save(List.of(LATER));
            assertThat(store.announced()).containsExactlyInAnyOrder(LATER, EMPTY);
        }
    }
}
