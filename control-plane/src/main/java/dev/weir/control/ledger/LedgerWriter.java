package dev.weir.control.ledger;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.weir.control.ledger.Ledger.Row;
import dev.weir.control.model.Failpoints;
import dev.weir.control.model.Failpoints.Point;
import dev.weir.control.store.Database;
import dev.weir.control.threads.Named;
import dev.weir.xds.SparseLog;
import dev.weir.xds.bounds.ByteBudget;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.Handle;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes records. Whatever waits, from any number of sidecars, goes into one transaction: the disk is
 * waited for once, and batches grow with the load.
 *
 * <p>Fresh copies wait in a queue of bounded length and are dropped and counted when it is full or the database fails:
 * the file brings them again. Lines of files are never dropped: who brings them waits for the transaction.
 */
final class LedgerWriter implements AutoCloseable {
    /** Most fresh copies in one transaction; a bound on the time that a file's lines wait for. */
    private static final int BATCH = 2_000;
    /** Most chunks of files in one transaction. */
    private static final int CHUNKS = 32;
    /** About what a fresh copy takes of memory while it waits. */
    static final int ENTRY_BYTES = 1_024;
    /** How long fresh copies wait for company; chunks of files do not wait. */
    private static final long LINGER_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Database database;
    private final Counters counters;
    private final LedgerListener listener;
    private final FlagListener flags;
    private final int capacity;
    private final ByteBudget.Account room;
    private final Failpoints failpoints;
    private final SparseLog log = new SparseLog(LoggerFactory.getLogger(LedgerWriter.class), System::nanoTime);
    private final Thread thread = Named.loop("weir-ledger", this::run);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Condition written = lock.newCondition();

    @GuardedBy("lock")
    private final Deque<Entry> fresh = new ArrayDeque<>();

    @GuardedBy("lock")
    private final Deque<Pending> files = new ArrayDeque<>();

    @GuardedBy("lock")
    private long taken;

    @GuardedBy("lock")
    private long settled;

    @GuardedBy("lock")
    private int flushing;

    @GuardedBy("lock")
    private boolean closing;

    private record Pending(FileLines lines, CompletableFuture<Long> position) {}

    private record Batch(List<Entry> fresh, List<Pending> files) {}

    /** What came of a transaction: where each of the batch's files ends now, which lines are new, what is flagged. */
    private record Committed(List<Long> positions, List<FileLines> stored, List<Entry> flagged) {}

    /** {@code capacity}: fresh copies that may wait, {@code > 0}; {@code room}: what they may take of memory. */
    LedgerWriter(
            Database database,
            Counters counters,
            LedgerListener listener,
            FlagListener flags,
            int capacity,
            ByteBudget.Account room,
            Failpoints failpoints) {
        this.flags = flags;
        this.database = database;
        this.counters = counters;
        this.listener = listener;
        this.capacity = capacity;
        this.room = room;
        this.failpoints = failpoints;
        thread.start();
    }

    /** Takes fresh copies, and never blocks on the database. */
    void offer(List<Entry> entries) {
        lock.lock();
        try {
            int places = closing ? 0 : Math.min(entries.size(), capacity - fresh.size());
            int accepted = room.tryTake((long) places * ENTRY_BYTES) ? places : 0;
            fresh.addAll(entries.subList(0, accepted));
            taken += accepted;
            counters.dropped.add(entries.size() - accepted);
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a chunk of a file; completes with the file's stored offset, or exceptionally when nothing was stored. */
    CompletableFuture<Long> store(FileLines lines) {
        CompletableFuture<Long> position = new CompletableFuture<>();
        lock.lock();
        try {
            if (closing) {
                position.completeExceptionally(new IllegalStateException("the ledger is closed"));
            } else {
                files.add(new Pending(lines, position));
                arrived.signal();
            }
        } finally {
            lock.unlock();
        }
        return position;
    }

    /** Waits until every fresh copy taken so far is written or given up. */
    void flush() {
        lock.lock();
        try {
            long goal = taken;
            flushing++;
            arrived.signal();
            while (settled < goal && thread.isAlive()) {
                written.awaitUninterruptibly();
            }
            flushing--;
        } finally {
            lock.unlock();
        }
    }

    /** Fresh copies waiting. */
    int waiting() {
        lock.lock();
        try {
            return fresh.size();
        } finally {
            lock.unlock();
        }
    }

    /** Writes what waits, then ends. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            arrived.signal();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (true) {
            Batch batch = next();
            if (batch.fresh.isEmpty() && batch.files.isEmpty()) {
                return;
            }
            try {
                write(batch);
            } finally {
                settle(batch);
            }
        }
    }

    /**
     * Takes note that a batch is done. Whatever came of it, nobody waits for it any longer; an error that ends this thread ends
     * the process.
     */
    private void settle(Batch batch) {
        batch.files.forEach(
                file -> file.position.completeExceptionally(new IllegalStateException("nothing was stored")));
        room.give((long) batch.fresh.size() * ENTRY_BYTES);
        lock.lock();
        try {
            settled += batch.fresh.size();
            written.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The next batch, empty only when closing and nothing waits. */
    private Batch next() {
        lock.lock();
        try {
            long linger = LINGER_NANOS;
            while (files.isEmpty() && fresh.size() < BATCH && flushing == 0 && !closing && linger > 0) {
                if (fresh.isEmpty()) {
                    arrived.awaitUninterruptibly();
                } else {
                    linger = arrived.awaitNanos(linger);
                }
            }
            while (files.isEmpty() && fresh.isEmpty() && !closing) {
                arrived.awaitUninterruptibly();
            }
            return new Batch(take(fresh, BATCH), take(files, CHUNKS));
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        } finally {
            lock.unlock();
        }
    }

    private static <T> List<T> take(Deque<T> queue, int limit) {
        List<T> taken = new ArrayList<>(Math.min(queue.size(), limit));
        while (taken.size() < limit && !queue.isEmpty()) {
            taken.add(queue.removeFirst());
        }
        return taken;
    }

    private void write(Batch batch) {
        Committed committed;
        try {
            committed = commit(batch);
        } catch (RuntimeException e) {
            if (batch.files.size() + (batch.fresh.isEmpty() ? 0 : 1) > 1) {
                // one part may be what the database refuses: the others shall not suffer for it
                batch.files.forEach(file -> write(new Batch(List.of(), List.of(file))));
                if (!batch.fresh.isEmpty()) {
                    write(new Batch(batch.fresh, List.of()));
                }
                return;
            }
            counters.failures.increment();
            counters.dropped.add(batch.fresh.size());
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            log.warn(
                    "ledger",
                    "ledger: nothing stored of {} fresh copies and {} chunks of files: {}",
                    batch.fresh.size(),
                    batch.files.size(),
                    root.toString());
            batch.files.forEach(file -> file.position.completeExceptionally(e));
            return;
        }
        for (int i = 0; i < batch.files.size(); i++) {
            batch.files.get(i).position.complete(committed.positions.get(i));
        }
        tell(committed);
    }

    /** What is stored and acknowledged stays so, whatever listeners make of it. */
    private void tell(Committed committed) {
        for (Entry entry : committed.flagged) {
            entry.value().flag().ifPresent(flag -> tell("a flag", () -> flags.flagged(entry.record(), flag)));
        }
        for (FileLines lines : committed.stored) {
            List<Row> rows = lines.entries().stream()
                    .filter(entry -> entry.value().counts())
                    .map(entry -> new Row(entry.record(), entry.value(), true))
                    .toList();
            tell("rows of a file", () -> listener.stored(rows));
        }
    }

    private void tell(String what, Runnable event) {
        try {
            event.run();
        } catch (RuntimeException e) {
            counters.untold.increment();
            log.warn(what, "ledger: a listener could not take {}, which is stored", what, e);
        }
    }

    private Committed commit(Batch batch) {
        List<Long> positions = new ArrayList<>();
        List<FileLines> stored = new ArrayList<>();
        RecordTable.Outcome outcome = database.writeMuch(handle -> {
            for (Pending file : batch.files) {
                positions.add(advance(handle, file.lines, stored));
            }
            List<Entry> entries = new ArrayList<>(batch.fresh);
            stored.forEach(lines -> entries.addAll(lines.entries()));
            RecordTable.Outcome inserted = RecordTable.store(handle, entries);
            failpoints.reached(Point.RECORDS_INSERTED);
            return inserted;
        });
        failpoints.reached(Point.RECORDS_COMMITTED);
        stored.forEach(lines -> counters.rejectedLines.add(lines.rejected()));
        counters.inserted.add(outcome.inserted());
        counters.replaced.add(outcome.replaced());
        counters.duplicates.add(outcome.duplicates());
        return new Committed(positions, stored, outcome.flagged());
    }

    /** Adds the chunk to {@code stored} if it starts where storage ends, and returns where storage ends then. */
    private static long advance(Handle handle, FileLines lines, List<FileLines> stored) {
        if (lines.end() == lines.offset() || !FileTable.advance(handle, lines)) {
            return FileTable.position(handle, lines.sidecar(), lines.fileId());
        }
        stored.add(lines);
        return lines.end();
    }
}
