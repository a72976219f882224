package dev.weir.control.loop;

import dev.weir.control.model.Config;
import dev.weir.control.model.Declarations;
import dev.weir.weights.Proposal.Announcement;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AttemptProgress;
import dev.weir.xds.telemetry.LoadReport;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the loop is told. Immutable; everything from outside comes as one of these. */
public sealed interface Event {
    /** A validated configuration. */
    record Configured(Config config) implements Event {}

    /** What providers declared, or why the source does not answer. */
    record Declared(Declarations declarations) implements Event {}

    /**
     * What name service said.
     *
     * @param addresses IP addresses by host; a host that is missing keeps those it has
     * @param complete whether every host of the configuration has addresses by now, or had its time to be found
     */
    record Resolved(Map<String, List<String>> addresses, boolean complete) implements Event {
        public Resolved {
            addresses = Map.copyOf(addresses);
        }
    }

    /** A consumer sidecar's discovery stream opened, or any sidecar's ended. */
    record Connection(String node, boolean connected) implements Event {}

    /** A provider's side opened a discovery stream: from now on its load reports count as a side's and as nothing else. */
    record SideConnected(String node) implements Event {}

    /** A sidecar's load report. */
    record Load(LoadReport report) implements Event {}

    /**
     * A limit of a provider's credential was reached, or is not any more.
     *
     * @param clusters pools and the provider
     * @param untilNanos end of the pause, monotonic; not ahead of now = it is over
     */
    record Paused(Set<String> clusters, long untilNanos) implements Event {
        public Paused {
            clusters = Set.copyOf(clusters);
        }
    }

    /** An announced price is stored: it may go out. */
    record PriceStored(Announcement announcement) implements Event {}

    /** Checks that came since the last one of these, by pool, refused ones included. */
    record Checks(Map<String, Long> byPool) implements Event {
        public Checks {
            byPool = Map.copyOf(byPool);
        }
    }

    /** Governed pools that go by their split from now on, but for a few of their requests; all others are picked for. */
    record HandedOver(Set<String> pools) implements Event {
        public HandedOver {
            pools = Set.copyOf(pools);
        }
    }

    /** Access records; repeated ones are counted once. */
    record Records(List<AccessRecord> records) implements Event {
        public Records {
            records = List.copyOf(records);
        }
    }

    /** How far attempts have come that have not ended. */
    record Progress(List<AttemptProgress> attempts) implements Event {
        public Progress {
            attempts = List.copyOf(attempts);
        }
    }
}
