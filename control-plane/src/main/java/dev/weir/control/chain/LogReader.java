package dev.weir.control.chain;

import dev.weir.control.chain.AbiReader.Malformed;
import dev.weir.control.chain.Node.Header;
import dev.weir.control.chain.Node.RawLog;
import dev.weir.control.chain.NodeException.Reason;
import dev.weir.xds.SparseLog;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.slf4j.LoggerFactory;

/**
 * Reads the events of followed names from a stretch of blocks, in two questions: which names came to those who may speak
 * for them, then what was said of the names that are theirs. So strangers cannot make an answer long, not even with a
 * followed name of their own.
 *
 * <p>A name's owner can. One block's answer that is too long is asked for in parts, by providers, then by events. A part
 * that has no parts and still cannot be had is passed over, and becomes {@link RegistryEvent.Unreadable}: at once when its
 * answer was seen to be too long, after {@value #REFUSALS} refusals in the node's words; and always after the node has
 * answered the first question about that block, because one that refuses everything is broken.
 *
 * <p>Not safe for several threads.
 */
final class LogReader {
    private static final SparseLog log = new SparseLog(LoggerFactory.getLogger(LogReader.class), System::nanoTime);
    private static final int REFUSALS = 3;

    private final Node node;
    private final String registry;
    private final Names names;
    private final EventDecoder decoder;
    private final List<LogFilter> arrivals;
    private final Tally tally;
    private final Map<LogFilter, Integer> refusals = new HashMap<>();
    private String refusedIn = "";

    LogReader(Node node, String registry, Names names, Tally tally) {
        this.node = node;
        this.registry = registry;
        this.names = names;
        this.decoder = new EventDecoder(registry);
        this.arrivals = LogFilter.arrivals(registry, names);
        this.tally = tally;
    }

    /** The block is no longer on the node's chain. */
    private static final class Vanished extends Exception {
        Vanished() {
            super("", null, false, false);
        }
    }

    private interface Question {
        List<RawLog> ask(LogFilter filter) throws NodeException, Vanished;
    }

    private record Position(long block, long index) implements Comparable<Position> {
        private static final Comparator<Position> ORDER =
                Comparator.comparingLong(Position::block).thenComparingLong(Position::index);

        @Override
        public int compareTo(Position other) {
            return ORDER.compare(this, other);
        }
    }

    /** Answers of one stretch, each log once, in their order. */
    private final class Answers {
        private final Predicate<RawLog> within;
        private final Map<Position, RegistryEvent> events = new TreeMap<>();
        private int refused;
        private String problem = "";

        Answers(Predicate<RawLog> within) {
            this.within = within;
        }

        void add(LogFilter filter, List<RawLog> logs) {
            for (RawLog each : logs) {
                Position position = new Position(each.blockNumber(), each.index());
                if (events.containsKey(position)) {
                    continue;
                }
                if (!within.test(each) || !filter.admits(each)) {
                    refuse(each, "not asked for");
                    continue;
                }
                try {
                    events.put(position, decoder.decode(each));
                } catch (Malformed e) {
                    refuse(each, String.valueOf(e.getMessage()));
                }
            }
        }

        private void refuse(RawLog each, String why) {
            refused++;
            problem = "block " + each.blockNumber() + ", log " + each.index() + ": " + why;
        }

        List<RegistryEvent> close() {
            tally.refusedLogs += refused;
            if (refused > 0) {
                log.warn("logs refused", "{} logs refused; the last: {}", refused, problem);
            }
            return new ArrayList<>(events.values());
        }
    }

    /**
     * Events of the blocks {@code from} to {@code to}, in their order.
     *
     * @param held ids of the names that belong to whom they should before {@code from}, or may do
     */
    List<RegistryEvent> range(long from, long to, Set<String> held) throws NodeException {
        Answers answers = new Answers(each -> each.blockNumber() >= from && each.blockNumber() <= to);
        for (LogFilter filter : arrivals) {
            answers.add(filter, node.logs(filter, from, to));
        }
        for (LogFilter filter : LogFilter.of(registry, heldAfter(answers, held))) {
            answers.add(filter, node.logs(filter, from, to));
        }
        return answers.close();
    }

    /** Events of one block, in their order; empty when the node does not know it (any more). */
    Optional<List<RegistryEvent>> block(Header block, Set<String> held) throws NodeException {
        if (!block.hash().equals(refusedIn)) {
            refusals.clear();
            refusedIn = block.hash();
        }
        Answers answers =
                new Answers(each -> each.blockHash().equals(block.hash()) && each.blockNumber() == block.number());
        Question question = filter -> node.logs(filter, block).orElseThrow(Vanished::new);
        List<LogFilter> unreadable = new ArrayList<>();
        try {
            for (LogFilter filter : arrivals) {
                answers.add(filter, question.ask(filter));
            }
            for (LogFilter filter : LogFilter.of(registry, heldAfter(answers, held))) {
                inParts(filter, question, answers, unreadable);
            }
        } catch (Vanished e) {
            return Optional.empty();
        }
        List<RegistryEvent> events = answers.close();
        for (LogFilter each : unreadable) {
            events.add(passedOver(block, each));
        }
        return Optional.of(events);
    }

    private static Set<String> heldAfter(Answers answers, Set<String> held) {
        Set<String> all = new TreeSet<>(held);
        answers.events.values().forEach(event -> all.add(event.id()));
        return all;
    }

    private void inParts(LogFilter filter, Question question, Answers answers, List<LogFilter> unreadable)
            throws NodeException, Vanished {
        try {
            answers.add(filter, question.ask(filter));
        } catch (NodeException e) {
            int times = refusals.merge(filter, 1, Integer::sum);
            boolean again = times < REFUSALS;
            List<LogFilter> halves = filter.halves();
            if (e.reason() == Reason.OTHER
                    || (e.reason() == Reason.UNCLEAR && again)
                    || (e.reason() == Reason.TOO_MUCH && again && halves.isEmpty())) {
                throw e;
            }
            if (halves.isEmpty()) {
                unreadable.add(filter);
            }
            for (LogFilter half : halves) {
                inParts(half, question, answers, unreadable);
            }
        }
    }

    private RegistryEvent passedOver(Header block, LogFilter filter) {
        String id = filter.ids().get(0);
        Names.Bound bound = names.bound(id);
        String name = bound == null ? id : bound.name();
        EventDecoder.Kind kind = filter.kinds().get(0);
        tally.unreadable++;
        log.warn(
                "unreadable " + name,
                "block {}: {} of {} cannot be read, too many in one block; they are passed over",
                block.number(),
                kind,
                name);
        return new RegistryEvent.Unreadable(id, kind, block.number());
    }
}
