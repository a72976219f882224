package dev.weir.control.chain;

import static java.util.Objects.requireNonNull;

import dev.weir.control.chain.EventDecoder.Kind;
import dev.weir.control.chain.Node.RawLog;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Which logs of the registry are asked for. Everything in it is indexed, so that it is the node that passes over what
 * strangers write, however much that is.
 *
 * @param kinds any of these
 * @param ids of any of these providers
 * @param owners topics of owners: any of these; empty = the events name none, or any
 */
record LogFilter(String registry, List<Kind> kinds, List<String> ids, List<String> owners) {
    /** Most values of one topic; nodes limit them to about a thousand. */
    static final int MAX_VALUES = 500;

    private static final Set<Kind> ARRIVALS = EnumSet.of(Kind.REGISTERED, Kind.OWNER);

    LogFilter {
        kinds = List.copyOf(kinds);
        ids = List.copyOf(ids);
        owners = List.copyOf(owners);
    }

    /**
     * Filters for followed names that come to those who may speak for them. Only they can write more than one such log of a
     * name.
     */
    static List<LogFilter> arrivals(String registry, Names names) {
        List<LogFilter> filters = new ArrayList<>();
        for (List<String> ids : parts(names.ids())) {
            List<String> owners = ids.stream()
                    .map(id -> topic(requireNonNull(names.bound(id)).owner()))
                    .distinct()
                    .sorted()
                    .toList();
            filters.add(new LogFilter(registry, List.copyOf(ARRIVALS), ids, owners));
        }
        return filters;
    }

    /** Filters for all that is said of these providers once they belong to whom they should. */
    static List<LogFilter> of(String registry, Set<String> held) {
        List<Kind> kinds = List.copyOf(EnumSet.complementOf(EnumSet.of(Kind.REGISTERED)));
        return parts(held.stream().sorted().toList()).stream()
                .map(ids -> new LogFilter(registry, kinds, ids, List.of()))
                .toList();
    }

    /** Topics by position: any of a position's. */
    List<List<String>> topics() {
        List<String> signatures = kinds.stream().map(kind -> kind.topic).toList();
        return owners.isEmpty() ? List.of(signatures, ids) : List.of(signatures, ids, owners);
    }

    /** Whether a log is one that was asked for. */
    boolean admits(RawLog log) {
        List<List<String>> wanted = topics();
        if (log.topics().size() < wanted.size()) {
            return false;
        }
        for (int i = 0; i < wanted.size(); i++) {
            if (!wanted.get(i).contains(log.topics().get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Two filters that together ask for the same: by providers, for one provider by events; empty = it has no parts. */
    List<LogFilter> halves() {
        if (ids.size() > 1) {
            int half = ids.size() / 2;
            return List.of(
                    new LogFilter(registry, kinds, ids.subList(0, half), owners),
                    new LogFilter(registry, kinds, ids.subList(half, ids.size()), owners));
        }
        if (kinds.size() > 1) {
            int half = kinds.size() / 2;
            return List.of(
                    new LogFilter(registry, kinds.subList(0, half), ids, owners),
                    new LogFilter(registry, kinds.subList(half, kinds.size()), ids, owners));
        }
        return List.of();
    }

    private static String topic(String owner) {
        return "0x" + "0".repeat(24) + owner.substring(2);
    }

    private static List<List<String>> parts(List<String> ids) {
        List<List<String>> parts = new ArrayList<>();
        for (int from = 0; from < ids.size(); from += MAX_VALUES) {
            parts.add(ids.subList(from, Math.min(ids.size(), from + MAX_VALUES)));
        }
        return parts;
    }
}
