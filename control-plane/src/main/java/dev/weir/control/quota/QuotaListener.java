package dev.weir.control.quota;

import dev.weir.weights.quota.RefusalKind;

/** Hears what answers say of quotas. Is called on threads that must not wait. */
public interface QuotaListener {
    /** A provider that the configuration names refused for a limit. */
    void refused(String provider, RefusalKind kind);

    /** Values of its answer that could not be, or contradicted others. */
    void ignored(String provider, int values);
}
