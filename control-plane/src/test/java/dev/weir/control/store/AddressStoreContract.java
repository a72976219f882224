package dev.weir.control.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What addresses may rely on, whatever database they are in. */
abstract class AddressStoreContract {
    /** The one of this test, as often as it is closed. */
    abstract Database database();

    @Test
    void addresses_survive_a_restart_and_the_newest_replace_all_others() {
        Map<String, List<String>> newest = Map.of("b", List.of("10.0.0.3", "fe80::1%eth0"), "c", List.of("::1"));
        try (Database database = database()) {
            SqlAddressStore store = new SqlAddressStore(database);
            assertThat(store.addresses()).isEmpty();
            store.save(Map.of("a", List.of("10.0.0.1"), "b", List.of("10.0.0.2")));
            store.save(newest);
        }
        try (Database database = database()) {
            assertThat(new SqlAddressStore(database).addresses()).isEqualTo(newest);
        }
    }
}
