package dev.weir.control.server;

import dev.weir.control.admin.AdminGuard;
import dev.weir.control.admin.AdminPublisher;
import dev.weir.control.admin.AdminServer;
import dev.weir.control.admin.AdminSources;
import dev.weir.control.admin.SharedIds;
import dev.weir.control.admission.AdmissionStage;
import dev.weir.control.chain.ChainReader;
import dev.weir.control.config.ConfigFeed;
import dev.weir.control.config.LoadedConfig;
import dev.weir.control.envoy.ConsumerXdsPublisher;
import dev.weir.control.envoy.LimitPublisher;
import dev.weir.control.envoy.ProviderXdsPublisher;
import dev.weir.control.ledger.Ledger.Row;
import dev.weir.control.ledger.SqlLedger;
import dev.weir.control.loop.Addresses;
import dev.weir.control.loop.ControlLoop;
import dev.weir.control.loop.Event;
import dev.weir.control.loop.FileDeclarations;
import dev.weir.control.loop.Inbox;
import dev.weir.control.loop.InboxFeed;
import dev.weir.control.loop.LoopThread;
import dev.weir.control.metrics.CountedFiles;
import dev.weir.control.metrics.DeliveryMetrics;
import dev.weir.control.metrics.Latencies;
import dev.weir.control.metrics.MetricsPublisher;
import dev.weir.control.metrics.MetricsRegistry;
import dev.weir.control.metrics.PickMetrics;
import dev.weir.control.metrics.QuotaMetrics;
import dev.weir.control.metrics.RefusedResources;
import dev.weir.control.metrics.TelemetryMetrics;
import dev.weir.control.metrics.UsageMetrics;
import dev.weir.control.model.CapacitySource;
import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Failpoints;
import dev.weir.control.model.Failpoints.Point;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Store;
import dev.weir.control.model.Work;
import dev.weir.control.pick.CheckQueue;
import dev.weir.control.pick.PickState;
import dev.weir.control.pick.Picker;
import dev.weir.control.pick.PickerFeed;
import dev.weir.control.pick.QueueClock;
import dev.weir.control.quota.QuotaBook;
import dev.weir.control.store.AddressPublisher;
import dev.weir.control.store.Database;
import dev.weir.control.store.DecisionPublisher;
import dev.weir.control.store.DecisionStore;
import dev.weir.control.store.PatientClock;
import dev.weir.control.store.PricePublisher;
import dev.weir.control.store.Retention;
import dev.weir.control.store.SqlAddressStore;
import dev.weir.control.store.SqlDecisionStore;
import dev.weir.control.store.SqlPriceStore;
import dev.weir.control.store.Upkeep;
import dev.weir.control.threads.Guarded;
import dev.weir.weights.Proposal.Announcement;
import dev.weir.xds.bounds.ByteBudget;
import dev.weir.xds.check.CheckService;
import dev.weir.xds.delivery.AdsDelivery;
import dev.weir.xds.delivery.RuntimeDelivery;
import dev.weir.xds.telemetry.AccessLogService;
import dev.weir.xds.telemetry.CallsService;
import dev.weir.xds.telemetry.CollectorService;
import dev.weir.xds.telemetry.LoadReportService;
import dev.weir.xds.telemetry.ReportPace;
import dev.weir.xds.wire.ClusterName;
import io.grpc.BindableService;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running control plane: everything started in order, and ended in the opposite one. What goes in and out of the loop
 * is wired here and nowhere else.
 */
public final class ControlPlane implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ControlPlane.class);
    private static final int INBOX_EVENTS = 65_536;
    private static final Duration ADDRESS_PERIOD = Duration.ofSeconds(10);
    private static final int STORAGE_THREADS = 8;

    private final Outside outside;
    private final LongSupplier wallMillis;
    private volatile Config config;
    private final Set<String> clusters = ConcurrentHashMap.newKeySet();
    private final Inbox inbox = new Inbox(INBOX_EVENTS);
    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private final Addresses addresses;
    private final SidecarPort server;
    private final AdminServer admin;
    private final AdminGuard guard;
    private final ReportPace pace;
    private final PrometheusMeterRegistry registry = MetricsRegistry.create();
    private final MetricsPublisher metrics;
    private volatile Optional<ChainReader> chainReader = Optional.empty();
    private volatile boolean xdsOpen;

    /**
     * Starts.
     *
     * @param feed what was read at first is without problems
     * @param outside {@link Outside#real} outside tests
     * @throws IOException when a port cannot be bound
     */
    public ControlPlane(ConfigFeed feed, Outside outside) throws IOException {
        Failpoints failpoints = outside.failpoints();
        LongSupplier nanoTime = outside.nanoTime();
        wallMillis = outside.clock()::millis;
        this.outside = outside;
        Config first = feed.first().config().orElseThrow();
        config = first;
        guard = new AdminGuard(first.mesh().admin().access());
        pace = new ReportPace(first.mesh().control().loadReportInterval(), nanoTime);
        remember(first);
        try {
            Store store = first.mesh().store();
            Database database = started(Database.openAnyhow(store.place()));
            SqlDecisionStore decisions = new SqlDecisionStore(database);
            Optional<Decision> restored = stored(database, "decision is", decisions::last, Optional.empty());
            SqlPriceStore prices = new SqlPriceStore(database);
            List<Announcement> announced = stored(database, "prices are", prices::announced, List.of());
            SqlAddressStore found = new SqlAddressStore(database);
            long term = term(database, decisions);
            ByteBudget budget = ByteBudget.ofHeap();
            PublishedTerms terms = new PublishedTerms(decisions, term);
            Latencies latencies = new Latencies(nanoTime);
            PickState pick = new PickState(
                    term, Runtime.getRuntime().maxMemory(), nanoTime.getAsLong(), new CheckQueue.OldestFirst());
            // what a request has to pass before a provider is picked for it, in this order
            List<AdmissionStage> beforePick = List.of();
            Picker picker = new Picker(inbox, nanoTime, new PickMetrics(registry), beforePick, pick);
            InboxFeed toLoop = new InboxFeed(inbox, wallMillis);
            PickerFeed toPicker = new PickerFeed(picker);
            TelemetryMetrics counted = new TelemetryMetrics(registry, clusters::contains);
            QuotaMetrics quotaMetrics = new QuotaMetrics(registry);
            QuotaBook quotas = new QuotaBook(
                    () -> config,
                    nanoTime,
                    quotaMetrics,
                    (clusters, until) -> inbox.offer(new Event.Paused(clusters, until)));
            SidecarLog reported = new SidecarLog();
            SidecarArrivals arrivals = new SidecarArrivals();
            SidecarEvents events = new SidecarEvents(
                    terms,
                    List.of(toPicker, toLoop, latencies, counted, quotas, reported),
                    List.of(reported, arrivals, toPicker, toLoop, new DeliveryMetrics(registry)));
            SqlLedger ledger = started(new SqlLedger(
                    database,
                    this::work,
                    terms,
                    rows -> events.storedRecords(rows.stream().map(Row::record).toList()),
                    new UsageMetrics(registry, clusters::contains),
                    budget.account(2),
                    failpoints));
            ExecutorService pushes = executor(outside.workers().pool("weir-push", 1));
            ExecutorService storage = executor(outside.workers().pool("weir-storage", STORAGE_THREADS));
            AdsDelivery delivery = new AdsDelivery(events, pushes, nanoTime, wallMillis);
            ConsumerXdsPublisher publisher = new ConsumerXdsPublisher(delivery, nanoTime);
            ProviderXdsPublisher sides = new ProviderXdsPublisher(delivery, nanoTime);
            arrivals.to(publisher, sides);
            RuntimeDelivery runtime = new RuntimeDelivery(events, nanoTime);
            LimitPublisher limits = new LimitPublisher(runtime);
            metrics = new MetricsPublisher(registry, latencies, wallMillis);
            metrics.sidecars(() -> delivery.sidecars().size());
            metrics.sharedIds(() -> SharedIds.of(delivery.sidecars()).size());
            metrics.refusals(() -> RefusedResources.count(delivery.sidecars()));
            metrics.queue("inbox", inbox::size);
            metrics.queue("inbound_bytes", budget::taken);
            metrics.lost("message", budget::refused);
            metrics.queue("ledger", () -> ledger.counts().waiting());
            metrics.lost("telemetry", inbox::dropped);
            metrics.lost("fresh_record", () -> ledger.counts().dropped());
            metrics.lost("file_line", () -> ledger.counts().rejectedLines());
            metrics.lost("amount", () -> ledger.counts().overflows());
            metrics.lost("transaction", () -> ledger.counts().failures());
            metrics.store(database::full, database::free, database::reserved);
            metrics.ledgerRows(
                    "call", () -> database.readable() ? ledger.totals().calls() : Double.NaN);
            metrics.ledgerRows(
                    "attempt", () -> database.readable() ? ledger.totals().attempts() : Double.NaN);
            metrics.unconfirmed(() -> database.readable() ? ledger.unconfirmed(wallMillis.getAsLong()) : Double.NaN);
            AdminPublisher live = new AdminPublisher(latencies);
            DecisionPublisher stored =
                    started(new DecisionPublisher(decisions, restored.map(Decision::epoch), failpoints));
            metrics.lost("decision", stored::lost);
            AddressPublisher places = started(new AddressPublisher(found));
            PricePublisher toBePaid = started(new PricePublisher(
                    prices, announced, next -> inbox.offer(new Event.PriceStored(next)), failpoints));
            PickMetrics.gauges(registry, picker, () -> config);
            Publishers publishers = new Publishers(List.of(
                    terms,
                    picker,
                    publisher,
                    sides,
                    limits,
                    stored,
                    toBePaid,
                    places,
                    metrics,
                    quotaMetrics.publisher(quotas::read),
                    live));
            metrics.lost("publication", publishers::failures);
            metrics.lost("event", () -> events.failures() + ledger.counts().untold());

            ControlLoop loop =
                    new ControlLoop(inbox, first, term, restored, announced, nanoTime.getAsLong(), wallMillis);
            metrics.lost("gauge", loop::clipped);
            restored.ifPresent(d -> log.info("term {}: decision {} stays in force", term, d.epoch()));
            addresses = started(new Addresses(
                    inbox,
                    outside.names(),
                    first,
                    stored(database, "addresses are", found::addresses, Map.of()),
                    ADDRESS_PERIOD));
            declarations(first);
            if (first.mesh().capacity() instanceof CapacitySource.Chain chain) {
                ChainReader reader = started(new ChainReader(
                        chain,
                        owners(first),
                        declarations -> inbox.offer(new Event.Declared(declarations)),
                        wallMillis,
                        outside.random()));
                metrics.lost("chain_poll", () -> reader.stats().failures());
                metrics.lost("chain_log", () -> reader.stats().refusedLogs());
                metrics.lost("chain_block", () -> reader.stats().unreadable());
                metrics.reorganisations("any", () -> reader.stats().reorganisations());
                metrics.reorganisations("deep", () -> reader.stats().deepReorganisations());
                reader.start();
                chainReader = Optional.of(reader);
            }
            LoopThread thread = started(new LoopThread(loop, nanoTime, (result, nanos) -> {
                if (result.released()) {
                    failpoints.reached(Point.DECISION_RELEASED);
                }
                publishers.publish(result.image(), result.released());
                metrics.ticked(nanos);
            }));
            metrics.lost("tick", thread::failures);
            thread.start();

            List<BindableService> services = new ArrayList<>(delivery.services());
            services.add(new LoadReportService(pace, clusters::contains, nanoTime, events));
            services.add(runtime);
            services.add(new AccessLogService(new FreshRecords(events, ledger), pace));
            services.add(new CallsService(pace));
            services.add(new CheckService((check, answer) -> {
                pace.stir();
                return picker.check(check, answer);
            }));
            services.add(new CollectorService(new CountedFiles(registry, ledger.files()), storage, events));
            server = started(new SidecarPort(first, services, budget, events));
            started.addLast(limits::rest); // before the server goes
            xdsOpen = true;
            Retention.Policy retention =
                    new Retention.Policy(store.keep(), Store.DECISIONS, store.export(), store.keepExports());
            started(new Upkeep(
                    database,
                    new Retention(database, retention, failpoints),
                    new PatientClock(outside.clock(), nanoTime),
                    nanoTime));
            ScheduledExecutorService housekeeping = repeating("weir-housekeeping");
            var unused =
                    housekeeping.scheduleAtFixedRate(new Guarded("sampling", live::sample), 1, 1, TimeUnit.SECONDS);
            unused = housekeeping.scheduleAtFixedRate(
                    new Guarded("taking back room", server::expire), 1, 1, TimeUnit.SECONDS);
            // on a thread of its own: a slow disk under the configuration must not stop it
            started(new QueueClock(picker));
            started(feed.watch(this::reloaded));
            admin = started(new AdminServer(
                    first.mesh().admin().listen(),
                    guard,
                    new AdminSources(
                            live, decisions, ledger, delivery::sidecars, registry::scrape, () -> xdsOpen, quotas::read),
                    wallMillis));
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** The port that sidecars and collectors connect to. */
    public int xdsPort() {
        return server.port();
    }

    /** Where the admin port listens. */
    public InetSocketAddress adminAddress() {
        return admin.address();
    }

    /** Ends everything, the last started first; what was offered to the ledger is written. */
    @Override
    public void close() {
        xdsOpen = false;
        while (!started.isEmpty()) {
            AutoCloseable part = started.removeLast();
            try {
                part.close();
            } catch (Exception e) {
                log.error("{} did not end well", part.getClass().getSimpleName(), e);
            }
        }
    }

    /** What is stored; on a full disk there may be nothing to read, or not even the table. */
    private static <T> T stored(Database database, String what, Supplier<T> read, T none) {
        try {
            return read.get();
        } catch (RuntimeException e) {
            if (!database.full()) {
                throw e;
            }
            log.error("no {} restored: {}", what, e.getMessage());
            return none;
        }
    }

    private long term(Database database, DecisionStore decisions) {
        try {
            return decisions.newTerm();
        } catch (RuntimeException e) {
            if (!database.full()) {
                throw e;
            }
            long term = decisions.unstoredTerm(wallMillis.getAsLong());
            log.error("term {} is not stored: {}", term, e.getMessage());
            return term;
        }
    }

    private void reloaded(LoadedConfig loaded) {
        metrics.configured(loaded.problems().size());
        loaded.problems().forEach(problem -> log.warn("configuration: {}; the last good one stays", problem));
        loaded.config().ifPresent(next -> {
            if (!next.equals(config)) {
                config = next;
                log.info(
                        "configuration: {} providers, {} pools",
                        next.providers().size(),
                        next.pools().size());
                remember(next);
                pace.stir(); // of a cluster that is new, sidecars count nothing before the first report after
                chainReader.ifPresent(reader -> reader.follow(owners(next)));
                server.configure(next);
                guard.configure(next.mesh().admin().access());
                // new names first, so that nobody is without an address for a tick
                addresses.configure(next, () -> {
                    declarations(next);
                    inbox.offer(new Event.Configured(next));
                });
            }
        });
    }

    private Optional<Work> work(String pool) {
        return Optional.ofNullable(config.pools().get(pool)).map(Pool::work);
    }

    private void remember(Config next) {
        next.pools()
                .values()
                .forEach(pool ->
                        pool.members().forEach(member -> clusters.add(ClusterName.of(pool.name(), member.provider()))));
        next.providers().values().stream()
                .filter(provider -> provider.proxy().isPresent())
                .forEach(provider -> {
                    clusters.add(ClusterName.firstAttempts(provider.name()));
                    clusters.add(ClusterName.furtherAttempts(provider.name()));
                });
    }

    private void declarations(Config next) {
        CapacitySource source = next.mesh().capacity();
        if (source instanceof CapacitySource.File) {
            inbox.offer(new Event.Declared(FileDeclarations.of(next, wallMillis.getAsLong())));
        }
    }

    private static Map<String, String> owners(Config config) {
        Map<String, String> owners = new HashMap<>();
        config.providers()
                .forEach((name, provider) -> provider.chain().ifPresent(chain -> owners.put(name, chain.owner())));
        return owners;
    }

    private <T extends AutoCloseable> T started(T part) {
        started.addLast(part);
        return part;
    }

    private ExecutorService executor(ExecutorService executor) {
        started.addLast(executor::shutdown);
        return executor;
    }

    private ScheduledExecutorService repeating(String name) {
        ScheduledExecutorService executor = outside.workers().repeating(name);
        started.addLast(executor::shutdownNow);
        return executor;
    }
}
