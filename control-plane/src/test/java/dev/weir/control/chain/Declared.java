package dev.weir.control.chain;

import dev.weir.control.model.CapacitySource;
import dev.weir.control.model.Declarations;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** A running reader and what it handed on. */
final class Declared implements AutoCloseable {
    private final List<Declarations> all = new CopyOnWriteArrayList<>();
    private final ChainReader reader;

    Declared(CapacitySource.Chain source, Map<String, String> owners) {
        reader = new ChainReader(source, owners, all::add, System::currentTimeMillis, new Random(1));
        reader.start();
    }

    Declarations last() {
        return all.get(all.size() - 1);
    }

    List<Declarations> all() {
        return all;
    }

    void follow(Map<String, String> owners) {
        reader.follow(owners);
    }

    ReaderStats stats() {
        return reader.stats();
    }

    /** Waits until something handed on is as wanted. */
    Declarations await(String what, Predicate<Declarations> wanted) {
        Awaitility.await(what)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> !all.isEmpty() && wanted.test(last()));
        return last();
    }

    @Override
    public void close() {
        reader.close();
    }
}
