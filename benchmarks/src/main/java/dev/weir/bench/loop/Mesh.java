package dev.weir.bench.loop;

import java.net.InetSocketAddress;
import java.util.List;

/** Sidecars before the providers, with whatever steers them, for one run of one policy. */
interface Mesh extends AutoCloseable {
    /** Where calls go, by turns. */
    List<InetSocketAddress> sidecars();

    /** Returns when every sidecar serves every pool; throws when one does not in time. */
    void awaitReady();

    /** Decisions that were released and pushed so far; 0 where nothing is. */
    long releases();

    /** Processor time of all Envoys so far. */
    long envoyCpuNanos();

    /** Processor time so far of what steers them in a process of its own; 0 where nothing does. */
    long controlCpuNanos();

    /** Ends its processes. */
    @Override
    void close();
}
