package dev.weir.control.collect;

import dev.weir.control.ledger.Ledger;
import dev.weir.control.ledger.SqlLedger;
import dev.weir.control.model.Work;
import dev.weir.control.store.Database;
import dev.weir.control.store.SqliteDatabase;
import dev.weir.xds.bounds.ByteBudget;
import dev.weir.xds.server.XdsServer;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AttemptProgress;
import dev.weir.xds.telemetry.CollectorService;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.TelemetryListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The part of a control plane that collectors see: a real port, a real database, the real ledger. */
final class CollectorPeer implements AutoCloseable {
    final Database database;
    final SqlLedger ledger;
    private final ExecutorService storage = Executors.newSingleThreadExecutor();
    private final XdsServer server;

    /** {@code port} 0 = any free one. */
    public CollectorPeer(Path file, int port) {
        database = SqliteDatabase.open(file, Duration.ofMillis(300));
        ledger = new SqlLedger(database, pool -> Optional.of(new Work.PerRequest()), records -> {});
        try {
            server = XdsServer.start(
                    new InetSocketAddress("127.0.0.1", port),
                    List.of(new CollectorService(ledger.files(), storage, new Silent())),
                    ByteBudget.ofHeap());
        } catch (IOException e) {
            storage.shutdown();
            ledger.close();
            database.close();
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return server.port();
    }

    Ledger.Totals totals() {
        return ledger.totals();
    }

    @Override
    public void close() {
        server.close();
        storage.shutdown();
        ledger.close();
        database.close();
    }

    /** Runs alone until it is killed: {@code DATABASE PORT}. */
    public static void main(String[] args) throws InterruptedException {
        CollectorPeer controlPlane = new CollectorPeer(Path.of(args[0]), Integer.parseInt(args[1]));
        System.out.println("listening on " + controlPlane.port());
        Thread.currentThread().join();
    }

    private static final class Silent implements TelemetryListener {
        @Override
        public void load(LoadReport report) {}

        @Override
        public void loadStreamClosed(String node) {}

        @Override
        public void records(List<AccessRecord> records) {}

        @Override
        public void progress(List<AttemptProgress> attempts) {}

        @Override
        public void rejected(String node, String kind, String message) {}
    }
}
