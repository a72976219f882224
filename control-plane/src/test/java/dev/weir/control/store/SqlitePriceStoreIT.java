package dev.weir.control.store;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class SqlitePriceStoreIT extends PriceStoreContract {
    @TempDir
    Path folder = Path.of("");

    @Override
    Database database() {
        return SqliteDatabase.open(folder.resolve("weir.db"));
    }
}
