package dev.weir.control.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqliteAddressStoreIT extends AddressStoreContract {
    @TempDir
    Path folder = Path.of("");

    @Override
    Database database() {
        return SqliteDatabase.open(folder.resolve("weir.db"));
    }

    /** SQLite lets in one writer at a time, so a trigger stands for the other. */
    @Test
    void a_host_that_another_writer_stored_meanwhile_has_the_addresses_of_the_later_one() {
        try (Database database = database()) {
            database.write(
                    h -> h.execute("CREATE TRIGGER faster BEFORE INSERT ON address WHEN NEW.addresses != 'old' BEGIN"
                            + " INSERT INTO address (host, addresses) VALUES (NEW.host, 'old'); END"));
            SqlAddressStore store = new SqlAddressStore(database);
            store.save(Map.of("a", List.of("10.0.0.1")));
            assertThat(store.addresses()).isEqualTo(Map.of("a", List.of("10.0.0.1")));
        }
    }
}
