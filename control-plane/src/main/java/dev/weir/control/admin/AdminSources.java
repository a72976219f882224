package dev.weir.control.admin;

import dev.weir.control.ledger.Ledger;
import dev.weir.control.quota.QuotaState;
import dev.weir.control.store.DecisionStore;
import dev.weir.xds.delivery.SidecarView;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What the admin port reads. Everything here is called from the port's own threads.
 *
 * @param live newest image and history
 * @param decisions stored decisions
 * @param ledger stored calls
 * @param sidecars those that are connected
 * @param metrics Prometheus text, version 0.0.4
 * @param xdsOpen whether the port for sidecars is open
 * @param quotas what was learnt of providers' quotas
 */
public record AdminSources(
        AdminPublisher live,
        DecisionStore decisions,
        Ledger ledger,
        Supplier<List<SidecarView>> sidecars,
        Supplier<String> metrics,
        BooleanSupplier xdsOpen,
        Supplier<List<QuotaState>> quotas) {}
