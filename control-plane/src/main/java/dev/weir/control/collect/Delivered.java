package dev.weir.control.collect;

/** What storage acknowledged since the start. Owned by the collector's thread. */
final class Delivered {
    private long lines;
    private long bytes;

    void add(int moreLines, int moreBytes) {
        lines += moreLines;
        bytes += moreBytes;
    }

    long lines() {
        return lines;
    }

    long bytes() {
        return bytes;
    }
}
