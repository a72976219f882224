package dev.weir.control.server;

import dev.weir.control.model.Failpoints.Point;
import dev.weir.control.testing.StdinFailpoints.Fault;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * What goes wrong, round by round, drawn from a seed and nothing else. Nemeses and orders come like cards of two shuffled
 * decks, so that none is long in coming.
 */
final class FaultSchedule {
    /** What surrounds the processes, for a while. */
    enum Nemesis {
        NONE,
        /** Nothing arrives from the sidecar at the control plane. */
        SIDECAR_UNHEARD,
        /** Nothing arrives from the control plane at the sidecar. */
        SIDECAR_DEAF,
        /** Neither. */
        SIDECAR_ALONE,
        /** Nothing arrives from the collector at the control plane. */
        COLLECTOR_UNHEARD,
        /** Nothing arrives from the control plane at the collector. */
        COLLECTOR_DEAF,
        /** Both lines take up to 300 ms each way. */
        LATENCY,
        /** Up to a fifth of what both lines carry is lost and sent again. */
        LOSS,
        /** Every connection is reset. */
        RESET,
        /** Every connection is ended by the one side, the other goes on. */
        HALF_CLOSED,
        /** The control plane's wall clock is wrong, and is put right. */
        CLOCK,
        /** A stranger opens more connections than there are descriptors. */
        CONNECTIONS
    }

    /** What a process is told to fail in. */
    record Order(boolean collector, Point point, Fault fault) {}

    /**
     * @param amount how much of the nemesis, in [0, 1)
     * @param downMillis how long a killed process stays away, and a stopped one stands still
     * @param holdMillis how long the nemesis stays, at least
     * @param restMillis how long all is well afterwards
     */
    record Round(Nemesis nemesis, double amount, Order order, int downMillis, int holdMillis, int restMillis) {}

    private final Random random;
    private final Deque<Nemesis> nemeses = new ArrayDeque<>();
    private final Deque<Order> orders = new ArrayDeque<>();

    FaultSchedule(long seed) {
        random = new Random(seed);
    }

    Round next() {
        return new Round(
                draw(nemeses, List.of(Nemesis.values())),
                random.nextDouble(),
                draw(orders, allOrders()),
                random.nextInt(2_000),
                300 + random.nextInt(2_000),
                random.nextInt(500));
    }

    private <T> T draw(Deque<T> deck, List<T> cards) {
        if (deck.isEmpty()) {
            List<T> shuffled = new ArrayList<>(cards);
            Collections.shuffle(shuffled, random);
            deck.addAll(shuffled);
        }
        return deck.removeFirst();
    }

    private static List<Order> allOrders() {
        List<Order> all = new ArrayList<>();
        for (Fault fault : Fault.values()) {
            Stream.of(
                            Point.RECORDS_INSERTED,
                            Point.RECORDS_COMMITTED,
                            Point.DECISION_SAVING,
                            Point.DECISION_SAVED,
                            Point.PRICE_SAVING,
                            Point.PRICE_SAVED)
                    .forEach(point -> all.add(new Order(false, point, fault)));
            boolean ofADisk = fault == Fault.EIO || fault == Fault.ENOSPC;
            if (!ofADisk) {
                all.add(new Order(false, Point.DECISION_RELEASED, fault)); // no step there that a disk could fail
            }
            if (fault != Fault.ENOSPC) { // a rename and a deletion need no room
                all.add(new Order(true, Point.LOG_RENAMED, fault));
                all.add(new Order(true, Point.LOG_STORED, fault));
            }
        }
        return all;
    }
}
