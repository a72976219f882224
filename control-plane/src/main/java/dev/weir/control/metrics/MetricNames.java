package dev.weir.control.metrics;

/**
 * Every metric, as Micrometer names it; {@code docs/metrics.md} lists them as Prometheus sees them. Labels are pools,
 * providers, discovery types and fixed words: things that a configuration or this code names, never what a client sends.
 */
final class MetricNames {
    static final String RELEASES = "weir.releases";
    static final String EPOCH_TERM = "weir.epoch.term";
    static final String EPOCH_SEQUENCE = "weir.epoch.sequence";
    static final String DECISION_AGE = "weir.decision.age";
    static final String TICK = "weir.tick.duration";

    static final String POOL_DEMAND = "weir.pool.demand";
    static final String POOL_UTILISATION = "weir.pool.utilisation";
    static final String POOL_CONGESTION = "weir.pool.congestion";
    static final String POOL_PRICE = "weir.pool.price";
    static final String POOL_LEVEL = "weir.pool.level";

    static final String POOL_HANDED_OVER = "weir.pool.handed.over";

    static final String WEIGHT = "weir.weight";

    static final String PROVIDER_DECLARED = "weir.provider.capacity.declared";
    static final String PROVIDER_TRUSTED = "weir.provider.capacity.trusted";
    static final String PROVIDER_SLOTS = "weir.provider.slots";
    static final String PROVIDER_IN_FLIGHT = "weir.provider.in.flight";
    static final String PROVIDER_BACKLOG = "weir.provider.backlog";
    static final String PROVIDER_COMPLETIONS = "weir.provider.completion.rate";
    static final String PROVIDER_STATUS = "weir.provider.status";
    static final String PROVIDER_LATENCY = "weir.provider.latency";

    static final String SIDE_LIMIT = "weir.provider.limit";
    static final String BOUNCES = "weir.bounces";
    static final String FAILURES = "weir.provider.failures";
    static final String REFUSALS = "weir.provider.refusals";

    static final String QUOTA_LIMIT = "weir.quota.limit";
    static final String QUOTA_REMAINING = "weir.quota.remaining";
    static final String QUOTA_RATE = "weir.quota.rate";
    static final String QUOTA_PAUSE = "weir.quota.pause";
    static final String QUOTA_IGNORED = "weir.quota.ignored";

    static final String SIDECARS = "weir.sidecars.connected";
    static final String XDS_ACKS = "weir.xds.acks";
    static final String XDS_REFUSALS = "weir.xds.refusals";
    static final String SHARED_IDS = "weir.sidecars.shared.ids";
    static final String XDS_NACKS = "weir.xds.nacks";
    static final String XDS_PUSH = "weir.xds.push.duration";
    static final String XDS_REJECTED = "weir.xds.rejected";

    static final String LOAD_REPORTS = "weir.load.reports";
    static final String RECORDS = "weir.records";
    static final String REJECTED = "weir.telemetry.rejected";

    static final String STORE_FULL = "weir.store.full";
    static final String STORE_FREE = "weir.store.free";
    static final String STORE_RESERVED = "weir.store.reserved";
    static final String UNCONFIRMED = "weir.ledger.unconfirmed";
    static final String LEDGER_ROWS = "weir.ledger.rows";
    static final String FLAGGED = "weir.ledger.flagged";
    static final String QUEUE = "weir.queue.length";

    static final String CHAIN_HEAD = "weir.declarations.head";
    static final String CHAIN_AGE = "weir.declarations.age";
    static final String CHAIN_PROBLEM = "weir.declarations.problem";

    static final String LOST = "weir.lost";
    static final String REORGANISATIONS = "weir.declarations.reorganisations";

    static final String CONFIG_RELOADS = "weir.config.reloads";
    static final String CONFIG_PROBLEMS = "weir.config.problems";

    private MetricNames() {}
}
