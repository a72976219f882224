package dev.weir.control.quota;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.weir.control.model.Config;
import dev.weir.control.model.Pool;
import dev.weir.weights.quota.CredentialQuota;
import dev.weir.weights.quota.PacedBucket;
import dev.weir.weights.quota.QuotaReport;
import dev.weir.weights.quota.QuotaUnit;
import dev.weir.weights.quota.RefusalKind;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.TelemetryListener;
import dev.weir.xds.wire.ClusterName;
import dev.weir.xds.wire.LimitHeader;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is learnt of providers' quotas from fresh records of attempts: per provider, which is one credential, and model, where a pool
 * has one. What a provider's side refused says nothing of its provider.
 */
@ThreadSafe
public final class QuotaBook implements TelemetryListener {
    private static final double NANOS = 1e9;
    /** A pause that is over in a moment is none: it would take two pushes. */
    private static final double MOMENT_SECONDS = 1;
    /** Changes of a pause that are no news. */
    private static final long SAME_NANOS = 250_000_000;

    private final Supplier<Config> config;
    private final LongSupplier nanoTime;
    private final QuotaListener listener;
    private final PauseListener pauses;

    @GuardedBy("this")
    private final Map<Key, Entry> entries = new HashMap<>();

    private record Key(String provider, String model) {}

    private record Said(long remaining, long atNanos) {}

    private static final class Entry {
        final CredentialQuota quota;
        final Map<QuotaUnit, Said> said = new EnumMap<>(QuotaUnit.class);
        final Map<RefusalKind, Long> refusals = new EnumMap<>(RefusalKind.class);
        long pauseToldNanos;

        Entry(long now) {
            quota = new CredentialQuota(now);
            pauseToldNanos = now;
        }
    }

    /**
     * @param config in force
     * @param nanoTime monotonic
     * @param pauses hears of pauses for a rate or a quota: when who is overloaded has room again its backlog tells
     */
    public QuotaBook(Supplier<Config> config, LongSupplier nanoTime, QuotaListener listener, PauseListener pauses) {
        this.pauses = pauses;
        this.config = config;
        this.nanoTime = nanoTime;
        this.listener = listener;
    }

    @Override
    public void records(List<AccessRecord> records) {
        Config now = config.get();
        for (AccessRecord record : records) {
            boolean attempt = record.identity().kind() == AccessRecord.Kind.ATTEMPT;
            if (attempt && !record.outcome().bounced()) {
                key(now, record).ifPresent(key -> attempt(now, key, record));
            }
        }
    }

    /** Empty = the configuration has no such member: what a sidecar says makes no entry. */
    private static Optional<Key> key(Config config, AccessRecord record) {
        String provider = record.route().provider();
        Pool pool = config.pools().get(record.route().pool());
        return pool == null
                ? Optional.empty()
                : pool.members().stream()
                        .filter(member -> member.provider().equals(provider))
                        .findFirst()
                        .map(member -> key(pool, member));
    }

    private static Key key(Pool pool, Pool.Member member) {
        Optional<String> asked = pool.match() instanceof Pool.Match.Model match ? match.only() : Optional.empty();
        Optional<String> there = asked.map(model -> member.models().getOrDefault(model, model));
        return new Key(member.provider(), member.model().or(() -> there).orElse(""));
    }

    private void attempt(Config now, Key key, AccessRecord record) {
        long answeredMicros =
                record.timing().startMicros() + Math.max(0, record.timing().firstByteMicros());
        LimitsSaid said = LimitReader.read(record.limits(), answeredMicros / 1_000);
        int status = record.outcome().status();
        Optional<RefusalKind> kind = Refusals.kind(status, record.limits().getOrDefault(LimitHeader.REFUSAL, ""), said);
        OptionalLong pause = learn(key, record, said, kind.orElse(null));
        pause.ifPresent(until -> pauses.paused(clusters(now, key), until));
        kind.ifPresent(each -> listener.refused(key.provider, each));
        if (said.ignored() > 0) {
            listener.ignored(key.provider, said.ignored());
        }
    }

    /** All members of pools that spend from it. */
    private static Set<String> clusters(Config config, Key key) {
        Set<String> clusters = new HashSet<>();
        config.pools()
                .values()
                .forEach(pool -> pool.members().stream()
                        .filter(member -> key(pool, member).equals(key))
                        .forEach(member -> clusters.add(ClusterName.of(pool.name(), member.provider()))));
        return clusters;
    }

    /** The new end of the pause, where it has moved. */
    private synchronized OptionalLong learn(Key key, AccessRecord record, LimitsSaid said, @Nullable RefusalKind kind) {
        long now = nanoTime.getAsLong();
        long sent = now - record.timing().durationMicros() * 1_000;
        Entry entry = entries.computeIfAbsent(key, each -> new Entry(now));
        entry.quota.count(now);
        if (kind != null) {
            entry.quota.refused(kind, said.retryAfterSeconds(), said.reports(), sent, now);
            entry.refusals.merge(kind, 1L, Long::sum);
        } else if (record.outcome().status() >= 200 && record.outcome().status() < 300) {
            entry.quota.served(said.reports(), sent, now);
        } else {
            entry.quota.learn(said.reports(), sent, now);
        }
        for (QuotaReport report : said.reports()) {
            if (report.remaining() != QuotaReport.UNSAID) {
                entry.said.put(report.unit(), new Said(report.remaining(), now));
            }
        }
        double pause = entry.quota.pauseSeconds(now);
        long until = now + (long) (pause * NANOS);
        boolean longer = (kind == RefusalKind.RATE || kind == RefusalKind.QUOTA)
                && pause > MOMENT_SECONDS
                && until - entry.pauseToldNanos > SAME_NANOS;
        boolean over = until == now && entry.pauseToldNanos - now > 0;
        if (!longer && !over) {
            return OptionalLong.empty();
        }
        entry.pauseToldNanos = until;
        return OptionalLong.of(until);
    }

    /** What is known now, of members that the configuration has, in the order of names. */
    public List<QuotaState> read() {
        Set<Key> members = new HashSet<>();
        config.get().pools().values().forEach(pool -> pool.members().forEach(member -> members.add(key(pool, member))));
        return read(members);
    }

    private synchronized List<QuotaState> read(Set<Key> members) {
        long now = nanoTime.getAsLong();
        entries.keySet().retainAll(members);
        Map<String, QuotaState> states = new TreeMap<>();
        entries.forEach((key, entry) -> states.put(
                key.provider + ' ' + key.model,
                new QuotaState(
                        key.provider,
                        key.model,
                        units(entry, now),
                        entry.quota.pauseSeconds(now),
                        Map.copyOf(entry.refusals))));
        return List.copyOf(states.values());
    }

    private static List<QuotaState.Unit> units(Entry entry, long now) {
        List<QuotaState.Unit> units = new ArrayList<>();
        for (QuotaUnit unit : QuotaUnit.values()) {
            PacedBucket bucket = entry.quota.bucket(unit).orElse(null);
            if (bucket != null) {
                bucket.level(now); // what was assumed has grown since
                Said said = entry.said.get(unit);
                units.add(new QuotaState.Unit(
                        unit,
                        bucket.limit(),
                        bucket.told(),
                        bucket.windowSeconds(),
                        said == null ? QuotaReport.UNSAID : said.remaining,
                        said == null ? Double.NaN : (now - said.atNanos) / NANOS,
                        bucket.rate()));
            }
        }
        return units;
    }
}
