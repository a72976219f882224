package dev.weir.xds.server;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How much of everything peers may open on the port, whoever they are.
 *
 * @param connections in all; one address may have half of them
 * @param streams in all
 * @param streamsPerConnection on one connection
 */
public record PortBounds(int connections, int streams, int streamsPerConnection) {
    /** What a connection and a stream take of the heap, about, when nothing is on them. */
    private static final long CONNECTION_BYTES = 48 << 10;

    private static final long STREAM_BYTES = 8 << 10;

    /** Descriptors that are not for this port: files, the database, the admin port. */
    private static final long RESERVED_DESCRIPTORS = 96;

    public PortBounds {
        if (connections < 2 || streams < 1 || streamsPerConnection < 1) {
            throw new IllegalArgumentException("bounds: " + connections + ", " + streams + ", " + streamsPerConnection
                    + " (expected: at least 2, 1, 1)");
        }
    }

    /** As this process has heap and descriptors. */
    public static PortBounds ofProcess() {
        return of(Runtime.getRuntime().maxMemory(), descriptors());
    }

    static PortBounds of(long heapBytes, long descriptors) {
        long streams = clamp(heapBytes / STREAM_BYTES, 1_024, 131_072);
        long connections = clamp(heapBytes / CONNECTION_BYTES, 64, 16_384);
        long spare = Math.max(16, descriptors - RESERVED_DESCRIPTORS);
        // held checks are streams, and one sidecar may hold thousands
        return new PortBounds((int) Math.min(connections, spare), (int) streams, (int) Math.min(streams / 2, 32_768));
    }

    /** Descriptors that this process may have. */
    public static long descriptors() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
    }

    private static long clamp(long value, long least, long most) {
        return Math.max(least, Math.min(most, value));
    }
}
